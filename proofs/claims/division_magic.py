"""Division by multiplication."""

from __future__ import annotations

from proofs.arithmetic.division import ASSUMES, multiplications
from proofs.kernel import Claim

CLAIM = Claim(
    id="division_magic",
    statement=(
        "For every class whose size is no power of two and every offset below 2^32, objIndex and heapBitsForObject "
        "give the quotient by the object size, and heapBitsForObject the base of that object."
    ),
    go="mbitmap.go:mspan.objIndex",
    function="division.obj_index",
    build=multiplications,
    assumptions=ASSUMES,
)
