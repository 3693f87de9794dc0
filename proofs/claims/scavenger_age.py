"""When the unsigned comparison of ages is wrong."""

from __future__ import annotations

from proofs.arithmetic.ages import ages
from proofs.arithmetic.scavenger import ASSUMES
from proofs.kernel import Claim

CLAIM = Claim(
    id="scavenger_age",
    statement=(
        "A span with something to release is released exactly if now - unusedsince is above the limit, or negative and above "
        "limit - 2^64."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=ages,
    assumptions=ASSUMES,
)
