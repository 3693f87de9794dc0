"""A second shift one less."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, FEW, words
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("size_classes.compute_div_magic", "odd, shift2, base_mask", "odd, shift2 - 1, base_mask")

CLAIM = Claim(
    id="division_shift_less",
    statement="With a second shift that is one less, objIndex and heapBitsForObject divide exactly.",
    go="msize.go:computeDivMagic",
    function="size_classes.compute_div_magic",
    build=partial(words, (EDIT,), classes=FEW, below=64),
    expected="refuted",
    assumptions=ASSUMES,
)
