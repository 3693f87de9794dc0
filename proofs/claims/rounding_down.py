"""What the induction takes of rounding to physical pages."""

from __future__ import annotations

from proofs.arithmetic.roundings import ASSUMES, roundings
from proofs.kernel import Claim

CLAIM = Claim(
    id="rounding_down",
    statement=(
        "For every number x and power of two u, x & ~(u - 1) is the multiple of u with x within one unit above it, never "
        "falls as x grows, and for units of whole pages is the number of x's page, rounded, times the page size."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=roundings,
    assumptions=ASSUMES,
)
