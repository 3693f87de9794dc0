"""What allocating a span takes from heap_released."""

from __future__ import annotations

from proofs.arithmetic.accounting import ASSUMES, taking
from proofs.kernel import Claim

CLAIM = Claim(
    id="released_by_alloc",
    statement=(
        "If heap_released covers what a span counts as released, allocating the span takes exactly that, and the span counts "
        "nothing."
    ),
    go="mheap.go:mheap.allocSpanLocked",
    function="alloc.alloc_span_locked",
    build=taking,
    assumptions=ASSUMES,
)
