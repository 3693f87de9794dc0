"""What the clients of the heap do with a span between alloc and free: the code around mheap, as small as it can be."""

from __future__ import annotations

from spec.language import ghost

from ..alloc import alloc
from ..free import free_span
from ..heap import Heap
from ..parameters import sys
from ..span import base
from ..structs import Span
from ..types import NOBODY, OBJECT, OFF, Uintptr
from .observer import reclaim_ends


def alloc_large_object(h: Heap, npages: Uintptr) -> Uintptr:
    """Allocate a large object and make it usable; its address, 0 when memory is exhausted.

    Go: malloc.go:largeAlloc
    """
    s = alloc(h, npages, 0, True, True)
    reclaim_ends(h)
    if s is None:
        return 0
    v: Uintptr = base(s)
    s.limit = v + (npages << sys.page_shift)
    s.freeindex = 1
    s.alloc_count = 1
    s.marked = h.gcphase != OFF
    take(h, v, npages, OBJECT)
    return v


def alloc_small_span(h: Heap, npages: Uintptr, sizeclass: int) -> Uintptr:
    """Allocate a span for small objects, as the central list does when it grows, with one object in it.

    Go: mcentral.go:mcentral.grow
    """
    s = alloc(h, npages, sizeclass, False, True)
    reclaim_ends(h)
    if s is None:
        return 0
    v: Uintptr = base(s)
    s.limit = v + (npages << sys.page_shift)
    s.freeindex = 0
    s.alloc_count = 1
    take(h, v, npages, OBJECT)
    return v


@ghost
def take(h: Heap, v: Uintptr, npages: Uintptr, user: int) -> None:
    """The client writes to every page of its new span, and no lookup that began earlier saw the page in one use."""
    first: Uintptr = (v - sys.arena_start) >> sys.page_shift
    for i in range(npages):
        h.os.user[first + i] = user
        h.os.dirty[first + i] = True
        h.os.handed[first + i] = h.gcphase != OFF
        disturb(h, first + i)


@ghost
def leave(h: Heap, v: Uintptr, npages: Uintptr) -> None:
    """The client has used the pages for the last time."""
    first: Uintptr = (v - sys.arena_start) >> sys.page_shift
    for i in range(npages):
        h.os.user[first + i] = NOBODY
        h.os.last_used[first + i] = h.clock
        disturb(h, first + i)


@ghost
def disturb(h: Heap, page: Uintptr) -> None:
    """A page changes its user: a lookup of it under way has not seen it in one use throughout."""
    for i in range(sys.readers):
        if h.readers[i].page == page:
            h.readers[i].steady = NOBODY


def drop(h: Heap, s: Span, v: Uintptr) -> None:
    """The client uses its object no more.

    Without a collector in the scenario the object is swept and freed at once.

    Go: mgcsweep.go:mspan.sweep
    """
    leave(h, v, s.npages)
    if sys.collects == 0:
        # Deviation: stands for marking, and for the sweep of a span without marked objects.
        s.needzero = 1
        s.alloc_count = 0
        s.freeindex = 0
        free_span(h, s, s.sizeclass == 0)
