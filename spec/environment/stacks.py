"""Stacks: large ones have a span each, small ones share those of a pool; none is freed during a collection (stack.go)."""

from __future__ import annotations

from spec.language import acquire, release, throw_if

from ..alloc import alloc_stack
from ..free import free_stack
from ..heap import Heap
from ..lists import insert, remove
from ..parameters import sys
from ..span import base
from ..structs import Span, SpanList
from ..table import lookup
from ..types import OFF, STACK, STACK_USER, Uintptr
from .client import leave, take


def stackalloc(h: Heap, order: Uintptr) -> Uintptr:
    """Allocate a stack of ``1 << order`` pages with a span of its own; its address, 0 when memory is exhausted.

    Go: stack.go:stackalloc
    """
    s: Span | None = None
    acquire(h.stack_large_lock)
    if h.stack_large[order].first is not None:
        s = h.stack_large[order].first
        if s is not None:
            remove(h.stack_large[order], s)
    release(h.stack_large_lock)
    if s is None:
        s = alloc_stack(h, 1 << order)
        if s is None:
            return 0
    v: Uintptr = base(s)
    take(h, v, s.npages, STACK_USER)
    return v


def stackfree(h: Heap, v: Uintptr) -> None:
    """Give a stack with a span of its own back, or keep its span until the collection is over.

    Go: stack.go:stackfree
    """
    s = lookup(h, v)
    if s is None:
        return
    throw_if(s.state != STACK, "bad span state")
    leave(h, v, s.npages)
    if h.gcphase == OFF:
        free_stack(h, s)
    else:
        acquire(h.stack_large_lock)
        insert(h.stack_large[order_of(s.npages)], s)
        release(h.stack_large_lock)


def order_of(npages: Uintptr) -> Uintptr:
    """The base 2 logarithm of a number of pages.

    Go: stack.go:stacklog2
    """
    order = 0
    while (2 << order) <= npages:
        order += 1
    return order


def stackpoolalloc(h: Heap) -> Uintptr:
    """Allocate one small stack from the pool; the address of its span, 0 when memory is exhausted.

    Deviation: one size of small stacks, and no cache of them; which stack of a span is taken does not matter, so
    ``stackfreelist`` counts those that are free.

    Go: stack.go:stackpoolalloc
    """
    acquire(h.stackpoolmu)
    s = h.stackpool.first
    if s is None:
        s = alloc_stack(h, sys.pool_pages)
        if s is None:
            release(h.stackpoolmu)
            return 0
        throw_if(s.alloc_count != 0, "bad allocCount")
        throw_if(s.stackfreelist != 0, "bad stackfreelist")
        s.stackfreelist = sys.pool_stacks
        insert(h.stackpool, s)
        take(h, base(s), sys.pool_pages, STACK_USER)
    throw_if(s.stackfreelist == 0, "span has no free stacks")
    s.stackfreelist -= 1
    s.alloc_count += 1
    if s.stackfreelist == 0:
        remove(h.stackpool, s)
    v: Uintptr = base(s)
    release(h.stackpoolmu)
    return v


def stackpoolfree(h: Heap, v: Uintptr) -> None:
    """Give a small stack back to the pool, and its span to the heap if it was the last and no collection is under way.

    Go: stack.go:stackpoolfree
    """
    acquire(h.stackpoolmu)
    s = lookup(h, v)
    if s is not None:
        throw_if(s.state != STACK, "freeing stack not in a stack span")
        if s.stackfreelist == 0:
            insert(h.stackpool, s)
        s.stackfreelist += 1
        s.alloc_count -= 1
        if h.gcphase == OFF and s.alloc_count == 0:
            remove(h.stackpool, s)
            give_back(h, s)
    release(h.stackpoolmu)


def give_back(h: Heap, s: Span) -> None:
    """Give a span of the pool, of which no stack is in use, to the heap."""
    s.stackfreelist = 0
    leave(h, base(s), sys.pool_pages)
    free_stack(h, s)


def free_stack_spans(h: Heap) -> None:
    """After a collection, give the spans back that were kept during it.

    Go: stack.go:freeStackSpans
    """
    acquire(h.stackpoolmu)
    s: Span | None = h.stackpool.first
    while s is not None:
        following: Span | None = s.next
        if s.alloc_count == 0:
            remove(h.stackpool, s)
            give_back(h, s)
        s = following
    release(h.stackpoolmu)
    acquire(h.stack_large_lock)
    order: Uintptr = 0
    while order < sys.stack_orders:
        free_all(h, h.stack_large[order])
        order += 1
    release(h.stack_large_lock)


def free_all(h: Heap, spans: SpanList) -> None:
    """Give all spans of one list of large stacks back."""
    while spans.first is not None:
        s = spans.first
        if s is not None:
            remove(spans, s)
            free_stack(h, s)
