"""What the scavenger adds to heap_released."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.scavenger import ASSUMES, scavenger, share
from proofs.kernel import Claim

CLAIM = Claim(
    id="released_by_scavenge",
    statement=(
        "The scavenger leaves the difference of heap_released and the bytes that the span counts as released as it was: what "
        "it adds is what allocating the span will subtract."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=partial(scavenger, conditions=share),
    assumptions=ASSUMES,
)
