"""What the clients of the heap do with a span between alloc and free: the code around mheap, as small as it can be."""

from __future__ import annotations

from ..alloc import alloc, alloc_stack
from ..free import free_span, free_stack
from ..heap import Heap
from ..parameters import sys
from ..span import base
from ..structs import Span
from ..types import NOBODY, OBJECT, STACK, STACK_USER, Uintptr


def alloc_large_object(h: Heap, npages: Uintptr) -> Span | None:
    """Allocate a large object and make it usable.

    Go: malloc.go:largeAlloc
    """
    s = alloc(h, npages, 0, True, True)
    if s is not None:
        s.limit = base(s) + (npages << sys.page_shift)
        s.freeindex = 1
        s.alloc_count = 1
        take(h, s, OBJECT)
    return s


def alloc_small_span(h: Heap, npages: Uintptr, sizeclass: int) -> Span | None:
    """Allocate a span for small objects, as the central list does when it grows, with one object in it.

    Go: mcentral.go:mcentral.grow
    """
    s = alloc(h, npages, sizeclass, False, True)
    if s is not None:
        s.limit = base(s) + (npages << sys.page_shift)
        s.alloc_count = 1
        take(h, s, OBJECT)
    return s


def alloc_stack_span(h: Heap, npages: Uintptr) -> Span | None:
    """Allocate a span for one stack.

    Go: stack.go:stackalloc
    """
    s = alloc_stack(h, npages)
    if s is not None:
        take(h, s, STACK_USER)
    return s


def take(h: Heap, s: Span, user: int) -> None:
    """The client writes to every page of its new span."""
    first: Uintptr = (base(s) - h.arena_start) >> sys.page_shift
    for i in range(s.npages):
        h.os.user[first + i] = user
        h.os.dirty[first + i] = True


def leave(h: Heap, s: Span) -> None:
    """The client has used the span for the last time."""
    first: Uintptr = (base(s) - h.arena_start) >> sys.page_shift
    for i in range(s.npages):
        h.os.user[first + i] = NOBODY
        h.os.last_used[first + i] = h.clock


def give_up(h: Heap, s: Span) -> None:
    """The span is dead: its client or the sweeper gives it back.

    Go: mgcsweep.go:mspan.sweep
    """
    leave(h, s)
    if s.state == STACK:
        free_stack(h, s)
    else:
        # Deviation: stands for sweep's hand-over of a span without marked objects.
        s.needzero = 1
        s.alloc_count = 0
        free_span(h, s, s.sizeclass == 0)
