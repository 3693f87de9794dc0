"""What inheap reads and returns."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, looking_up
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_inheap",
    statement=(
        "For every address, inheap is true exactly for the addresses that a span in use holds below its limit, and only "
        "mapped table entries are read."
    ),
    go="mheap.go:inheap",
    function="table.inheap",
    build=partial(looking_up, "table.inheap"),
    assumptions=ASSUMES,
)
