"""Looking up an address of an arena that ends inside a page."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, WHOLE, looking_up
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_partial_page",
    statement="lookupMaybe reads only mapped table entries, wherever the arena in use ends.",
    go="mheap.go:mheap.lookupMaybe",
    function="table.lookup_maybe",
    build=partial(looking_up, "table.lookup_maybe", without=(WHOLE,), only=("reads only mapped entries",)),
    expected="refuted",
    assumptions=ASSUMES,
)
