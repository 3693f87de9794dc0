"""Growth by the smaller request succeeds and the allocation fails all the same."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import FREE, Uintptr


def explains(h: Heap, npage: Uintptr) -> bool:
    """A chunk was refused, and the smaller growth put the newest pages of the arena where nobody looks after growth."""
    request = (npage + sys.grow_pages - 1) // sys.grow_pages * sys.grow_pages
    room = ((h.arena_end - h.arena_used) >> sys.page_shift) + request
    if room << sys.page_shift >= sys.heap_alloc_chunk:
        return False
    newest = h.spans[((h.arena_used - h.arena_start) >> sys.page_shift) - 1]
    return newest is not None and newest.state == FREE and npage <= newest.npages < sys.max_mheap_list


def explains_fit(h: Heap, npage: Uintptr, span: Span) -> bool:
    """The free span that would have fitted is that newest one."""
    return explains(h, npage) and span is h.spans[((h.arena_used - h.arena_start) >> sys.page_shift) - 1]


REASON = (
    "when a whole chunk is refused, grow asks for the request alone; below 128 pages the new span lands in free[n], but "
    "allocSpanLocked looks only in freelarge after growth. The client dies of 'out of memory' one allocation too early, "
    "with the memory that it asked for on a free list; it takes an arena all but used up."
)

FINDING = Finding(
    id="F3",
    title="allocation fails although the operating system gave the memory",
    property="P25",
    clause="refused by the operating system",
    explains=explains,
    scenario="growth",
    depth=8,
    reason=REASON,
)

FITS = Finding(
    id="F3b",
    title="allocation fails although the memory just given lies on a free list",
    property="P25",
    clause="nothing free would have fitted",
    explains=explains_fit,
    scenario="growth",
    depth=8,
    reason=REASON,
)
