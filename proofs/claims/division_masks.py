"""Division by shift and mask."""

from __future__ import annotations

from proofs.arithmetic.division import ASSUMES, words
from proofs.kernel import Claim

CLAIM = Claim(
    id="division_masks",
    statement=(
        "For every class whose size is a power of two and every offset of 64 bits, objIndex and heapBitsForObject "
        "give the quotient, and the base mask rounds down to the object's base."
    ),
    go="mbitmap.go:heapBitsForObject",
    function="division.object_base",
    build=words,
    assumptions=ASSUMES,
)
