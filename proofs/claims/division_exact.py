"""How far division by multiplication reaches."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.division import ASSUMES, EXACT, multiplications
from proofs.kernel import Claim

CLAIM = Claim(
    id="division_exact",
    statement=(
        "For every class whose size is no power of two, division by multiplication is exact for every offset below "
        "54975581456, which is 12.8 times 2^32."
    ),
    go="mbitmap.go:mspan.objIndex",
    function="division.obj_index",
    build=partial(multiplications, below=EXACT),
    assumptions=ASSUMES,
)
