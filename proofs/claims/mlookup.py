"""mlookup's interior arithmetic."""

from __future__ import annotations

from proofs.arithmetic.objects import ASSUMES, interior
from proofs.kernel import Claim

CLAIM = Claim(
    id="mlookup",
    statement=(
        "For every address in the pages of a span, mlookup's object holds the address, begins a whole number of "
        "objects from the span's base, and is one of the span's objects exactly if the address is not in the tail "
        "waste; a large object begins at the base."
    ),
    go="mheap.go:mlookup",
    function="table.mlookup",
    build=interior,
    assumptions=ASSUMES,
)
