"""The table from page numbers to spans, and the array of all spans (h_spans, h_allspans)."""

from __future__ import annotations

from spec.language import u64

from .environment.os import sys_alloc_array, sys_free_array, sys_map_tables
from .heap import Heap
from .parameters import sys
from .span import base
from .structs import Span
from .types import IN_USE, STACK, Uintptr


def page_index(h: Heap, addr: Uintptr) -> Uintptr:
    """The number of the page that holds an address; the arena begins at page 0."""
    return (addr - h.arena_start) >> sys.page_shift


def round_up(n: Uintptr, to: Uintptr) -> Uintptr:
    """The least multiple of ``to``, a power of two, that is at least ``n``.

    Go: stubs.go:round
    """
    return (n + to - 1) & ~(to - 1)


def recordspan(h: Heap, s: Span) -> None:
    """Append a struct that fixalloc hands out for the first time to the array of all spans.

    Go: mheap.go:recordspan
    """
    # Deviation: a struct's place in the array is its number; which memory holds the array is state, and there is always some.
    old = h.allspans
    if old is None or h.nspan >= old.capacity:
        n = sys.allspans_chunk
        if old is not None and n < old.capacity * 3 // 2:
            n = old.capacity * 3 // 2
        new = h.arrays[h.narrays]
        sys_alloc_array(h, new, n)
        if old is not None and old is not h.gcspans:
            sys_free_array(old)
        h.allspans = new
    h.nspan += 1


def map_spans(h: Heap, arena_used: Uintptr) -> None:
    """Map the table for all pages below the arena's coming end, before that end is published.

    Go: mheap.go:mheap.mapSpans
    """
    n: Uintptr = arena_used - h.arena_start
    n = n // sys.page_size * sys.ptr_size
    n = round_up(n, sys.phys_page_size)
    if h.spans_mapped >= n:
        return
    sys_map_tables(h, n - h.spans_mapped)
    h.spans_mapped = n


def lookup(h: Heap, v: Uintptr) -> Span | None:
    """The span that begins or ends at an address known to be in the table.

    Go: mheap.go:mheap.lookup
    """
    return h.spans[page_index(h, v)]


def lookup_maybe(h: Heap, v: Uintptr) -> Span | None:
    """The in-use span that holds an address, or None; any address may be asked for.

    Go: mheap.go:mheap.lookupMaybe
    """
    if v < h.arena_start or v >= h.arena_used:
        return None
    s = h.spans[page_index(h, v)]
    if s is None or v < base(s) or v >= s.limit or s.state != IN_USE:
        return None
    return s


def inheap(h: Heap, b: Uintptr) -> bool:
    """Whether an address points into a (potentially dead) heap object; false for stack spans.

    Go: mheap.go:inheap
    """
    if b == 0 or b < h.arena_start or b >= h.arena_used:
        return False
    s = h.spans[page_index(h, b)]
    if s is None or b < base(s) or b >= s.limit or s.state != IN_USE:
        return False
    return True


def in_heap_or_stack(h: Heap, b: Uintptr) -> bool:
    """As `inheap`, but true for pointers into stack spans.

    Go: mheap.go:inHeapOrStack
    """
    if b == 0 or b < h.arena_start or b >= h.arena_used:
        return False
    s = h.spans[page_index(h, b)]
    if s is None or b < base(s):
        return False
    state = s.state
    if state == IN_USE:
        return b < s.limit
    if state == STACK:
        return b < base(s) + (s.npages << sys.page_shift)
    return False


def span_of(h: Heap, p: Uintptr) -> Span | None:
    """The table's entry for an address, or None outside the arena in use.

    Go: mheap.go:spanOf
    """
    if p == 0 or p < h.arena_start or p >= h.arena_used:
        return None
    return span_of_unchecked(h, p)


def span_of_unchecked(h: Heap, p: Uintptr) -> Span | None:
    """The table's entry for an address known to be inside the arena in use.

    Go: mheap.go:spanOfUnchecked
    """
    return h.spans[page_index(h, p)]


def mlookup(h: Heap, v: Uintptr) -> tuple[bool, Uintptr, Uintptr, Span | None]:
    """Whether an address is in an in-use span; if so, the base and size of the object that it points into, and the span.

    Go: mheap.go:mlookup
    """
    # Deviation: lookups are not counted in an mcache; nobody reads the count.
    s = lookup_maybe(h, v)
    if s is None:
        return False, 0, 0, None
    p = base(s)
    if s.sizeclass == 0:
        return True, p, s.npages << sys.page_shift, s
    n = s.elemsize
    i = u64(v - p) // n
    return True, u64(p + u64(i * n)), n, s


def set_table(h: Heap, first: Uintptr, npages: Uintptr, s: Span) -> None:
    """Let each of ``npages`` pages from page ``first`` map to the span: the loops over h_spans of alloc and grow."""
    for i in range(npages):
        h.spans[first + i] = s
