"""The scavenger comes by a free span."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import SCAVENGE_SPAN
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_scavenge_span",
    statement=(
        "From every heap that satisfies the invariant, scavenging a free span leaves one that does, and releases "
        "its whole physical pages exactly if it is old enough."
    ),
    go=SCAVENGE_SPAN.go,
    function=SCAVENGE_SPAN.function,
    build=partial(keeps, SCAVENGE_SPAN),
    assumptions=assumed("environment.os.sys_unused"),
    weight=10,
)
