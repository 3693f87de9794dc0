"""A lookup believes the limit that a struct's former life left behind."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import IN_USE, NOBODY


def explains(h: Heap, span: Span) -> bool:
    """The span is in use but nobody has used it yet: its client has still to store ``limit``."""
    if span.state != IN_USE or span.alloc_count != 0:
        return False
    first = (span.start_addr - h.arena_start) >> sys.page_shift
    for p in range(first, first + span.npages):
        if h.os.user[p] != NOBODY:
            return False
    return True


FINDING = Finding(
    id="F2",
    title="a reused struct is found by lookups, with a stale limit, before its span is initialised",
    property="P16",
    clause="initialised",
    explains=explains,
    scenario="coalesce",
    depth=8,
    reason=(
        "alloc_m makes the span in-use and drops the lock; the client stores limit later, and init never resets it. With a "
        "stale limit beyond the span even an address in another, free span is found, through an old entry in that span's "
        "middle. No client can hold an address of the span, or of a free one, at that time; only a stale word is misled."
    ),
)
