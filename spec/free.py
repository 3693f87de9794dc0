"""Giving spans back to the heap, and coalescing (mheap.go:freeSpan to busyList)."""

from __future__ import annotations

from spec.language import acquire, release, throw, throw_if, u64

from .environment.clock import nanotime
from .environment.fixalloc import fixalloc_free
from .heap import Heap
from .lists import insert, remove
from .parameters import sys
from .span import base, in_list
from .structs import Span, SpanList
from .table import page_index
from .types import DEAD, FREE, IN_USE, STACK, Time, Uintptr


def free_span(h: Heap, s: Span, acct: bool) -> None:
    """Give a swept span of the garbage collected heap back; ``acct`` counts one large object as gone.

    Go: mheap.go:mheap.freeSpan
    """
    acquire(h.lock)
    if acct:
        h.memstats.heap_objects -= 1
    free_span_locked(h, s, True, True, 0)
    release(h.lock)


def free_stack(h: Heap, s: Span) -> None:
    """Give a stack span back.

    Go: mheap.go:mheap.freeStack
    """
    s.needzero = 1
    acquire(h.lock)
    h.memstats.stacks_inuse -= s.npages << sys.page_shift
    free_span_locked(h, s, True, True, 0)
    release(h.lock)


def free_span_locked(h: Heap, s: Span, acct_inuse: bool, acct_idle: bool, unusedsince: Time) -> None:
    """Make a span Free, merge it with free neighbours, and put it at the front of its free list.

    ``unusedsince`` 0 stamps the span with the present time.

    Go: mheap.go:mheap.freeSpanLocked
    """
    if s.state == STACK:
        throw_if(s.alloc_count != 0, "MHeap_FreeSpanLocked - invalid stack free")
    elif s.state == IN_USE:
        throw_if(s.alloc_count != 0 or s.sweepgen != h.sweepgen, "MHeap_FreeSpanLocked - invalid free")
        h.pages_in_use -= s.npages
    else:
        throw("MHeap_FreeSpanLocked - invalid span state")

    if acct_inuse:
        h.memstats.heap_inuse -= s.npages << sys.page_shift
    if acct_idle:
        h.memstats.heap_idle += s.npages << sys.page_shift
    s.state = FREE
    if in_list(s):
        remove(busy_list(h, s.npages), s)

    s.unusedsince = unusedsince
    if unusedsince == 0:
        s.unusedsince = nanotime(h)
    s.npreleased = 0

    p: Uintptr = page_index(h, base(s))
    if p > 0:
        t = h.spans[p - 1]
        if t is not None and t.state == FREE:
            s.start_addr = t.start_addr
            s.npages += t.npages
            s.npreleased = t.npreleased
            s.needzero |= t.needzero
            p = u64(p - t.npages)
            h.spans[p] = s
            remove(free_list(h, t.npages), t)
            t.state = DEAD
            fixalloc_free(h, t)
    if (p + s.npages) * sys.ptr_size < h.spans_mapped:
        t = h.spans[p + s.npages]
        if t is not None and t.state == FREE:
            s.npages += t.npages
            s.npreleased += t.npreleased
            s.needzero |= t.needzero
            h.spans[p + s.npages - 1] = s
            remove(free_list(h, t.npages), t)
            t.state = DEAD
            fixalloc_free(h, t)

    insert(free_list(h, s.npages), s)


def free_list(h: Heap, npages: Uintptr) -> SpanList:
    """The list of free spans of that length.

    Go: mheap.go:mheap.freeList
    """
    if npages < sys.max_mheap_list:
        return h.free[npages]
    return h.freelarge


def busy_list(h: Heap, npages: Uintptr) -> SpanList:
    """The list of large in-use spans of that length.

    Go: mheap.go:mheap.busyList
    """
    if npages < sys.max_mheap_list:
        return h.busy[npages]
    return h.busylarge
