"""The operating system as a ghost with its own truth: each page is reserved, mapped or released, zero or dirty.

Nothing here throws. `sys_unused` does what the kernel does with any range it is given (it rounds outward and wipes)
and records the first range that no correct heap would pass; property P9 reads the record.
"""

from __future__ import annotations

from ..heap import Heap
from ..parameters import sys
from ..structs import SpanArray
from ..types import EMPTY, FREE, LIVE_PAGE, MAPPED, MISALIGNED, NOBODY, NOT_ONE_FREE_SPAN, NOTHING, RELEASED, Uintptr


def page_of(addr: Uintptr) -> Uintptr:
    """The heap page that holds an address, counted from the arena's start."""
    return (addr - sys.arena_start) >> sys.page_shift


def sys_map(h: Heap, v: Uintptr, n: Uintptr) -> None:
    """Map reserved memory of the arena: zero pages.

    Go: mem_linux.go:sysMap
    """
    h.memstats.heap_sys += n
    for p in range(page_of(v), page_of(v + n)):
        h.os.page[p] = MAPPED
        h.os.last_used[p] = h.clock


def sys_map_tables(h: Heap, n: Uintptr) -> None:
    """Map memory for tables; it counts as other_sys, which the page heap does not keep.

    Go: mem_linux.go:sysMap
    """


def sys_alloc_array(h: Heap, a: SpanArray, capacity: int) -> None:
    """Map memory for an array of all spans.

    Go: mem_linux.go:sysAlloc
    """
    h.narrays += 1
    a.capacity = capacity
    a.mapped = True


def sys_free_array(a: SpanArray) -> None:
    """Unmap the memory of an array of all spans.

    Go: mem_linux.go:sysFree
    """
    a.mapped = False


def sys_used(h: Heap, v: Uintptr, n: Uintptr) -> None:
    """The heap is about to use pages that may have been released.

    Go: mem_linux.go:sysUsed
    """
    for p in range(page_of(v), page_of(v + n)):
        h.os.page[p] = MAPPED


def sys_unused(h: Heap, v: Uintptr, n: Uintptr) -> None:
    """Take back the physical pages of a range, rounded outward; what they held is lost.

    Go: mem_linux.go:sysUnused
    """
    if n == 0 or n > sys.word_max // 2:
        note_bad(h, EMPTY, v, n)
        return
    if v % sys.phys_page_size != 0 or n % sys.phys_page_size != 0:
        note_bad(h, MISALIGNED, v, n)
    if not in_one_free_span(h, v, n):
        note_bad(h, NOT_ONE_FREE_SPAN, v, n)
    unit = max(sys.phys_page_size, sys.page_size)
    first = page_of(v // unit * unit)
    last = page_of((v + n + unit - 1) // unit * unit)
    for p in range(max(first, 0), min(last, sys.arena_pages)):
        if h.os.user[p] != NOBODY:
            note_bad(h, LIVE_PAGE, v, n)
        if h.clock - h.os.last_used[p] < h.os.shortest_idle:
            h.os.shortest_idle = h.clock - h.os.last_used[p]
        h.os.page[p] = RELEASED
        h.os.dirty[p] = False


def in_one_free_span(h: Heap, v: Uintptr, n: Uintptr) -> bool:
    """Whether a range lies inside one free span."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and s.start_addr <= v and v + n <= s.start_addr + (s.npages << sys.page_shift):
            return True
    return False


def note_bad(h: Heap, what: int, v: Uintptr, n: Uintptr) -> None:
    """Record the first range that no correct heap would pass to `sys_unused`."""
    if h.os.bad_range == NOTHING:
        h.os.bad_range = what
        h.os.bad_start = v
        h.os.bad_length = n


def memclr(h: Heap, v: Uintptr, n: Uintptr) -> None:
    """Write zeros.

    Go: runtime.memclr
    """
    for p in range(page_of(v), page_of(v + n)):
        h.os.dirty[p] = False
