"""A span that was freed after now was read."""

from __future__ import annotations

from proofs.arithmetic.ages import naive
from proofs.arithmetic.scavenger import ASSUMES
from proofs.kernel import Claim

CLAIM = Claim(
    id="scavenger_age_naive",
    statement="A span that was freed after now was read is not released.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=naive,
    expected="refuted",
    assumptions=ASSUMES,
)
