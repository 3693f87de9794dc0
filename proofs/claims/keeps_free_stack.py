"""A stack's span is given back."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import FREE_STACK
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_free_stack",
    statement=(
        "From every heap that satisfies the invariant, freeStack leaves one that does, with the span's pages free "
        "and merged with every free neighbour."
    ),
    go=FREE_STACK.go,
    function=FREE_STACK.function,
    build=partial(keeps, FREE_STACK),
    assumptions=assumed(),
    weight=90,
)
