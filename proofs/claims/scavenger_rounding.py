"""The guard of issue 16644 as it stands since 2016-08-19."""

from __future__ import annotations

from proofs.arithmetic.scavenger import ASSUMES, scavenger
from proofs.kernel import Claim

CLAIM = Claim(
    id="scavenger_rounding",
    statement=(
        "For every free span, clock, limit and physical page size, the scavenger gives back exactly the whole physical pages "
        "inside the span if it is old enough and they hold something new, and else nothing, and its books say so."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=scavenger,
    assumptions=ASSUMES,
)
