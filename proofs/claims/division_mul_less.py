"""A multiplier one less."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, FEW, words
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("size_classes.compute_div_magic", "odd - 1) // odd, shift2", "odd - 1) // odd - 1, shift2")

CLAIM = Claim(
    id="division_mul_less",
    statement="With a multiplier that is rounded down, 2^k / d, objIndex and heapBitsForObject divide exactly.",
    go="msize.go:computeDivMagic",
    function="size_classes.compute_div_magic",
    build=partial(words, (EDIT,), classes=FEW, below=64),
    expected="refuted",
    assumptions=ASSUMES,
)
