"""What the scavenger's loop over a list comes by."""

from __future__ import annotations

from proofs.induction.scavenge_list import SCAVENGELIST, meets_free_spans
from proofs.kernel import Claim

CLAIM = Claim(
    id="scavenges_free_spans",
    statement="In every heap that satisfies the invariant, each span that the scavenger meets in a free list is free.",
    go=SCAVENGELIST.go,
    function=SCAVENGELIST.function,
    build=meets_free_spans,
    assumptions=("scavenge_span links and unlinks nothing (the claim keeps_scavenge_span)",),
)
