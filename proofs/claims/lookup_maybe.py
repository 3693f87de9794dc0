"""What lookupMaybe reads and returns."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, looking_up
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_maybe",
    statement=(
        "For every address, lookupMaybe returns the span of the address's table entry exactly if it is in use and holds the "
        "address below its limit, and only mapped table entries are read."
    ),
    go="mheap.go:mheap.lookupMaybe",
    function="table.lookup_maybe",
    build=partial(looking_up, "table.lookup_maybe"),
    assumptions=ASSUMES,
)
