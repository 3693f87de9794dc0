"""No first shift."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, FEW, words
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("size_classes.compute_div_magic", "return shift, ", "return 0, ")

CLAIM = Claim(
    id="division_no_shift",
    statement="Without the first shift, objIndex and heapBitsForObject divide exactly.",
    go="msize.go:computeDivMagic",
    function="size_classes.compute_div_magic",
    build=partial(words, (EDIT,), classes=FEW, below=64),
    expected="refuted",
    assumptions=ASSUMES,
)
