"""What changes the heap: allocation, freeing, the collector's two moments, the sweeper, the scavenger."""

from __future__ import annotations

from .state import (
    FREE,
    IN_USE,
    MARKED,
    NONE,
    SWEEPING_MARKED,
    SWEPT,
    UNMARKED,
    Heap,
    place_free,
    sys,
    take_free,
    whole,
)


def best_fit(r: Heap, n: int) -> int:
    """The start of the smallest free span of at least ``n`` pages, the lowest of several; there is one."""
    best = 0
    size = sys.P + 1
    for p in range(sys.P):
        if r.kind[p] == FREE and n <= r.len[p] < size:
            best = p
            size = r.len[p]
    return best


def allocate(r: Heap, t: int, n: int, kind: int) -> None:
    """Give ``n`` pages to a thread; what remains of the span stays free, none of it released."""
    b = best_fit(r, n)
    size = r.len[b]
    r.released -= r.rel[b]
    take_free(r, b)
    r.kind[b] = kind
    r.len[b] = n
    r.own[b] = t
    for i in range(b, b + n):
        r.h[i] = b + 1
    if n < size:
        place_free(r, b + n, size - n, 0)


def free(r: Heap, p: int) -> None:
    """Free the span at ``p`` and join it with the free spans beside it; their released pages stay released."""
    start = p
    end = p + r.len[p]
    released = 0
    for i in range(p, end):
        r.h[i] = 0
    r.len[p] = 0
    r.kind[p] = NONE
    r.own[p] = 0
    r.sw[p] = SWEPT
    if p > 0:
        q = r.h[p - 1] - 1
        if r.kind[q] == FREE:
            start = q
            released += r.rel[q]
            take_free(r, q)
    if end < sys.P and r.kind[end] == FREE:
        q = end
        end += r.len[q]
        released += r.rel[q]
        take_free(r, q)
    place_free(r, start, end - start, released)


def mark_termination(r: Heap) -> None:
    """Every span in use needs a sweep: what a thread holds is marked, what nothing reaches is not."""
    for p in range(sys.P):
        if r.kind[p] == IN_USE:
            r.sw[p] = MARKED if r.own[p] != 0 else UNMARKED


def finish_sweep(r: Heap, p: int) -> None:
    """A marked span lives on, an unmarked one is freed."""
    if r.sw[p] == SWEEPING_MARKED:
        r.sw[p] = SWEPT
    else:
        free(r, p)


def release(r: Heap, p: int) -> None:
    """Return a free span's physical pages to the operating system."""
    pages = whole(p, r.len[p])
    r.released += pages - r.rel[p]
    r.rel[p] = pages
