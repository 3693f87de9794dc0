"""How grow rounds a request, and what it makes of the memory."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.growing import ASSUMES, LARGEST, growing, rounding
from proofs.kernel import Claim

CLAIM = Claim(
    id="grow_rounding",
    statement=(
        "For every request of at most 2^51 - 8 pages, grow asks for the least multiple of 8 pages that holds it, or for 1 MB "
        "if that is more, falls back to the former, and makes one span of exactly what it gets."
    ),
    go="mheap.go:mheap.grow",
    function="grow.grow",
    build=partial(growing, rounding, premises={"the request is at most 2^51 - 8 pages": lambda npage: npage <= LARGEST}),
    assumptions=ASSUMES,
)
