"""Taking spans from the heap: alloc, allocStack, first fit, best fit and the split (mheap.go:alloc_m to bestFit)."""

from __future__ import annotations

from spec.language import acquire, release, throw_if

from .environment.fixalloc import fixalloc_alloc
from .environment.os import memclr, sys_used
from .free import free_span_locked
from .grow import grow
from .heap import Heap
from .lists import insert_back, is_empty, remove
from .parameters import sys
from .reclaim import reclaim
from .size_classes import CLASS_TO_SIZE
from .span import base, in_list
from .span import init as span_init
from .structs import Span, SpanList
from .table import page_index, set_table
from .types import FREE, IN_USE, STACK, Uint8, Uintptr


def alloc_m(h: Heap, npage: Uintptr, sizeclass: Uint8, large: bool) -> Span | None:
    """Allocate a span for the garbage collected heap and record its size class; None when memory is exhausted.

    Go: mheap.go:mheap.alloc_m
    """
    acquire(h.lock)
    if h.sweepdone == 0:
        reclaim(h, npage)

    s = alloc_span_locked(h, npage)
    if s is not None:
        s.sweepgen = h.sweepgen
        s.state = IN_USE
        s.alloc_count = 0
        s.sizeclass = sizeclass
        if sizeclass == 0:
            s.elemsize = s.npages << sys.page_shift
        else:
            s.elemsize = CLASS_TO_SIZE[sizeclass]

        h.pages_in_use += npage
        if large:
            h.memstats.heap_objects += 1
            # Deviation: no heap_live, which paces the collector.
            if s.npages < sys.max_mheap_list:
                insert_back(h.busy[s.npages], s)
            else:
                insert_back(h.busylarge, s)
    release(h.lock)
    return s


def alloc(h: Heap, npage: Uintptr, sizeclass: Uint8, large: bool, needzero: bool) -> Span | None:
    """Allocate a span of ``npage`` pages, zeroed if ``needzero``; None when memory is exhausted.

    Go: mheap.go:mheap.alloc
    """
    s = alloc_m(h, npage, sizeclass, large)
    if s is not None:
        if needzero and s.needzero != 0:
            memclr(h, base(s), s.npages << sys.page_shift)
        s.needzero = 0
    return s


def alloc_stack(h: Heap, npage: Uintptr) -> Span | None:
    """Allocate a span for goroutine stacks; None when memory is exhausted.

    Go: mheap.go:mheap.allocStack
    """
    acquire(h.lock)
    s = alloc_span_locked(h, npage)
    if s is not None:
        s.state = STACK
        s.stackfreelist = 0
        s.alloc_count = 0
        h.memstats.stacks_inuse += s.npages << sys.page_shift
    release(h.lock)
    return s


def alloc_span_locked(h: Heap, npage: Uintptr) -> Span | None:
    """Take a span of exactly ``npage`` pages off the free lists, growing the heap if none fits; still Free.

    Go: mheap.go:mheap.allocSpanLocked
    """
    source: SpanList = h.freelarge
    s: Span | None = None
    fixed = first_fit(h, npage)
    if fixed is not None:
        source = fixed
        s = fixed.first
    if s is None:
        s = alloc_large(h, npage)
        if s is None:
            if not grow(h, npage):
                return None
            s = alloc_large(h, npage)
            if s is None:
                return None

    throw_if(s.state != FREE, "MHeap_AllocLocked - MSpan not free")
    throw_if(s.npages < npage, "MHeap_AllocLocked - bad npages")
    remove(source, s)
    throw_if(in_list(s), "still in list")
    if s.npreleased > 0:
        sys_used(h, base(s), s.npages << sys.page_shift)
        h.memstats.heap_released -= s.npreleased << sys.page_shift
        s.npreleased = 0

    if s.npages > npage:
        t = fixalloc_alloc(h)
        span_init(t, base(s) + (npage << sys.page_shift), s.npages - npage)
        s.npages = npage
        p: Uintptr = page_index(h, base(t))
        if p > 0:
            h.spans[p - 1] = s
        h.spans[p] = t
        h.spans[p + t.npages - 1] = t
        t.needzero = s.needzero
        s.state = STACK
        t.state = STACK
        free_span_locked(h, t, False, False, s.unusedsince)
        s.state = FREE
    s.unusedsince = 0

    set_table(h, page_index(h, base(s)), npage, s)

    h.memstats.heap_inuse += npage << sys.page_shift
    h.memstats.heap_idle -= npage << sys.page_shift
    throw_if(in_list(s), "still in list")
    return s


def first_fit(h: Heap, npage: Uintptr) -> SpanList | None:
    """The first of the lists of fixed length, from ``npage`` pages on, that holds a span; None if all are empty.

    The loop at the head of allocSpanLocked, on its own so that a proof can state what it finds.
    """
    for i in range(npage, sys.max_mheap_list):
        if not is_empty(h.free[i]):
            return h.free[i]
    return None


def alloc_large(h: Heap, npage: Uintptr) -> Span | None:
    """The best fitting span in the list of large free spans, or None.

    Go: mheap.go:mheap.allocLarge
    """
    return best_fit(h.freelarge, npage, None)


def best_fit(spans: SpanList, npage: Uintptr, best: Span | None) -> Span | None:
    """The smallest span of at least ``npage`` pages in the list, the lowest address among equals, or ``best``.

    Go: mheap.go:bestFit
    """
    s = spans.first
    while s is not None:
        if s.npages >= npage:
            if best is None or s.npages < best.npages or (s.npages == best.npages and base(s) < base(best)):
                best = s
        s = s.next
    return best
