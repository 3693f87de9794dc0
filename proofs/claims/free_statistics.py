"""The books after a span is given back, on a heap of any size."""

from __future__ import annotations

from proofs.arithmetic.freeing import statistics
from proofs.kernel import Claim

CLAIM = Claim(
    id="free_statistics",
    statement=(
        "On every heap that satisfies the premises, whenever freeing a span returns, with free neighbours or without, "
        "heap_inuse, heap_idle and pages_in_use have changed by exactly the span's own size."
    ),
    go="mheap.go:mheap.freeSpanLocked",
    function="free.free_span_locked",
    build=statistics,
    assumptions=(
        "one operation with the lock free; pages of 8192 bytes, words of 64 bits, an arena of 512 GB",
        "the premises are instances of the heap's invariants; that every operation keeps them is not shown here",
    ),
)
