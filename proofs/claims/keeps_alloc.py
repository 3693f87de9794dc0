"""A span of the garbage collected heap is taken."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import ALLOC
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_alloc",
    statement=(
        "From every heap that satisfies the invariant, alloc leaves one that does, and hands out exactly the pages "
        "asked for, which were nobody's."
    ),
    go=ALLOC.go,
    function=ALLOC.function,
    build=partial(keeps, ALLOC),
    assumptions=assumed("alloc.first_fit", "alloc.best_fit", "table.recordspan", "grow.grow", "reclaim.reclaim"),
    weight=150,
)
