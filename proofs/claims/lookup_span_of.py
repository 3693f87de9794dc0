"""What spanOf reads and returns."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, looking_up
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_span_of",
    statement=(
        "For every address, spanOf returns the table's entry exactly for the addresses of the arena in use, and only mapped "
        "table entries are read."
    ),
    go="mheap.go:spanOf",
    function="table.span_of",
    build=partial(looking_up, "table.span_of"),
    assumptions=ASSUMES,
)
