"""The heap grows."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import GROW
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_grow",
    statement=(
        "From every heap that satisfies the invariant, grow leaves one that does, with a new free span of at least "
        "the pages asked for or none at all."
    ),
    go=GROW.go,
    function=GROW.function,
    build=partial(keeps, GROW),
    assumptions=assumed("table.recordspan"),
    weight=120,
)
