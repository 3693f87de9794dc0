"""Returning unused memory to the OS (mheap.go:scavengelist, scavenge)."""

from __future__ import annotations

from spec.language import acquire, release, u64

from .environment.collector import gc_start
from .environment.os import sys_unused
from .heap import Heap
from .parameters import sys
from .span import base
from .structs import Span, SpanList
from .types import Time, Uintptr


def scavenge_span(h: Heap, s: Span, now: Time, limit: Time) -> Uintptr:
    """Release the whole physical pages of a free span unused for longer than ``limit``; returns the bytes newly released.

    The body of the loop in `scavengelist`, on its own so that it can be proved for all values.

    Go: mheap.go:scavengelist
    """
    if u64(now - s.unusedsince) > limit and s.npreleased != s.npages:
        start: Uintptr = base(s)
        end: Uintptr = u64(start + (s.npages << sys.page_shift))
        if sys.phys_page_size > sys.page_size:
            start = u64(start + sys.phys_page_size - 1) & ~(sys.phys_page_size - 1)
            end = end & ~(sys.phys_page_size - 1)
            if end <= start:
                return 0
        length: Uintptr = u64(end - start)
        released: Uintptr = u64(length - (s.npreleased << sys.page_shift))
        if sys.phys_page_size > sys.page_size and released == 0:
            return 0
        h.memstats.heap_released += released
        s.npreleased = length >> sys.page_shift
        sys_unused(h, start, length)
        return released
    return 0


def scavengelist(h: Heap, spans: SpanList, now: Time, limit: Time) -> Uintptr:
    """Release the old enough spans of one free list; returns the bytes newly released.

    Go: mheap.go:scavengelist
    """
    if spans.first is None:
        return 0
    sumreleased: Uintptr = 0
    s: Span | None = spans.first
    while s is not None:
        sumreleased = u64(sumreleased + scavenge_span(h, s, now, limit))
        s = s.next
    return sumreleased


def scavenge(h: Heap, now: Time, limit: Time) -> None:
    """Release every free span unused for longer than ``limit`` at time ``now``, by unsigned subtraction.

    Go: mheap.go:mheap.scavenge
    """
    acquire(h.lock)
    sumreleased: Uintptr = 0
    for i in range(sys.max_mheap_list):
        sumreleased = u64(sumreleased + scavengelist(h, h.free[i], now, limit))
    sumreleased = u64(sumreleased + scavengelist(h, h.freelarge, now, limit))
    release(h.lock)


def free_os_memory(h: Heap) -> None:
    """Collect with the world stopped, then release all that is free.

    Go: mheap.go:runtime_debug_freeOSMemory
    """
    gc_start(h, True)
    scavenge(h, sys.word_max, 0)
