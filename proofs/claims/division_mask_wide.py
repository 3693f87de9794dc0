"""A base mask that keeps one bit too many."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, words
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("size_classes.compute_div_magic", "2**64 - size if", "2**64 - size // 2 if")

CLAIM = Claim(
    id="division_mask_wide",
    statement="With a base mask down to half the object size, heapBitsForObject gives the object's base.",
    go="msize.go:computeDivMagic",
    function="size_classes.compute_div_magic",
    build=partial(words, (EDIT,), below=64, only=("object_base",)),
    expected="refuted",
    assumptions=ASSUMES,
)
