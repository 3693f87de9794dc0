"""One byte too few in heap_released."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.accounting import ASSUMES, taking
from proofs.kernel import Claim

CLAIM = Claim(
    id="released_by_alloc_wraps",
    statement="Allocating a span takes what it counts from heap_released, also if that has one byte less.",
    go="mheap.go:mheap.allocSpanLocked",
    function="alloc.alloc_span_locked",
    build=partial(taking, short=True),
    expected="refuted",
    assumptions=ASSUMES,
)
