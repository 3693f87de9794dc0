"""What inHeapOrStack reads and returns."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, looking_up
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_in_heap_or_stack",
    statement=(
        "For every address, inHeapOrStack is true exactly for the addresses that a span in use holds below its limit, or a "
        "stack span on its pages, and only mapped table entries are read."
    ),
    go="mheap.go:inHeapOrStack",
    function="table.in_heap_or_stack",
    build=partial(looking_up, "table.in_heap_or_stack"),
    assumptions=ASSUMES,
)
