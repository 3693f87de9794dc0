"""What is mapped for a new end of the arena."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.tables import ASSUMES, SPANS, mapping
from proofs.kernel import Claim

CLAIM = Claim(
    id="map_spans",
    statement=(
        "If the arena grows by whole pages, the table entry of every address below its new end is mapped afterwards, never "
        "less than before, in whole physical pages and no more of them than needed."
    ),
    go="mheap.go:mheap.mapSpans",
    function="table.map_spans",
    build=partial(mapping, SPANS),
    assumptions=ASSUMES,
)
