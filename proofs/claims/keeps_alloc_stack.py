"""A span for stacks is taken."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import ALLOC_STACK
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_alloc_stack",
    statement=(
        "From every heap that satisfies the invariant, allocStack leaves one that does, and hands out exactly the "
        "pages asked for, which were nobody's."
    ),
    go=ALLOC_STACK.go,
    function=ALLOC_STACK.function,
    build=partial(keeps, ALLOC_STACK),
    assumptions=assumed("alloc.first_fit", "alloc.best_fit", "table.recordspan", "grow.grow"),
    weight=120,
)
