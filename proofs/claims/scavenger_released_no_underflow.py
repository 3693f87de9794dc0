"""That ``released`` does not wrap, and what that needs."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.scavenger import ASSUMES, FITS, released, scavenger
from proofs.kernel import Claim

CLAIM = Claim(
    id="scavenger_released_no_underflow",
    statement=(
        "If a span counts no more pages as released than its whole physical pages hold, the subtraction of machine words "
        "that gives the bytes newly released does not wrap, and they are no more than the range."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=partial(scavenger, without=(FITS,), conditions=released),
    assumptions=ASSUMES,
)
