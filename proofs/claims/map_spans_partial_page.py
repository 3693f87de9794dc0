"""An end of the arena inside a page."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.tables import ASSUMES, SPANS, mapping
from proofs.kernel import Claim

CLAIM = Claim(
    id="map_spans_partial_page",
    statement="The table entry of every address below the arena's new end is mapped, wherever the arena ends.",
    go="mheap.go:mheap.mapSpans",
    function="table.map_spans",
    build=partial(mapping, SPANS, aligned=False, only=("the entry of the address is mapped",)),
    expected="refuted",
    assumptions=ASSUMES,
)
