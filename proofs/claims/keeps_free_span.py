"""A span of the garbage collected heap is given back."""

from __future__ import annotations

from functools import partial

from proofs.induction.conditions import keeps
from proofs.induction.contracts import assumed
from proofs.induction.operations import FREE_SPAN
from proofs.kernel import Claim

CLAIM = Claim(
    id="keeps_free_span",
    statement=(
        "From every heap that satisfies the invariant, freeSpan leaves one that does, with the span's pages free "
        "and merged with every free neighbour."
    ),
    go=FREE_SPAN.go,
    function=FREE_SPAN.function,
    build=partial(keeps, FREE_SPAN),
    assumptions=assumed(),
    weight=90,
)
