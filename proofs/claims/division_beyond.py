"""Division by multiplication, a byte further."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, EXACT, words
from proofs.kernel import Claim

CLAIM = Claim(
    id="division_beyond",
    statement="In the class of 112 bytes, objIndex and heapBitsForObject divide every offset up to 54975581456 exactly.",
    go="mbitmap.go:mspan.objIndex",
    function="division.obj_index",
    build=partial(words, classes=[8], least=EXACT - 64, below=EXACT + 64),
    expected="refuted",
    assumptions=ASSUMES,
)
