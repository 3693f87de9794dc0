"""Sweeping: one span, the next span of the cycle, a span that somebody needs swept (mgcsweep.go)."""

from __future__ import annotations

from spec.language import cas, choose, throw_if, u32, wait, xadd

from ..free import free_span
from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import IN_USE, INDEX, VISITED, WAITING, Uint16, Uint32, Uintptr
from .observer import looks_at, pages_freed, passes, sweep_begins, sweep_ends, writes_bits


def sweepone(h: Heap) -> Uintptr:
    """Sweep one span that needs it; the pages that came back to the heap, or all ones when no span is left.

    Go: mgcsweep.go:sweepone
    """
    sg: Uint32 = h.sweepgen
    while True:
        s = next_span(h)
        if s is None:
            h.sweepdone = 1
            return sys.word_max
        if s.state != IN_USE:
            s.sweepgen = sg
            passes(s)
            continue
        if s.sweepgen != u32(sg - 2) or not cas(s, "sweepgen", u32(sg - 2), u32(sg - 1)):
            passes(s)
            continue
        npages: Uintptr = s.npages
        if not sweep(h, s, False):
            npages = 0
        return npages


def next_span(h: Heap) -> Span | None:
    """The next span of the collector's copy of the array of all spans, or None behind its end."""
    if sys.sweep_order == INDEX:
        idx = u32(xadd(h.work, "spanidx", 1) - 1)
        if idx >= h.work.nspan:
            return None
        looks_at(h.mspans[idx])
        return h.mspans[idx]
    # Deviation: with sweep_order=any each span of the copy is taken once, in any order; None is one more choice.
    i = choose(range(sys.spans + 1), where=lambda i: may_visit(h, i))
    if i == sys.spans:
        return None
    h.mspans[i].visit = VISITED
    looks_at(h.mspans[i])
    return h.mspans[i]


def may_visit(h: Heap, i: int) -> bool:
    """Whether span i is still to come; the number behind the last stands for the end, which comes when none is."""
    if i < sys.spans:
        return i < h.nspan and h.mspans[i].visit == WAITING
    for j in range(h.nspan):
        if h.mspans[j].visit == WAITING:
            return False
    return True


def sweep(h: Heap, s: Span, preserve: bool) -> bool:
    """Sweep a claimed span of one large object: keep it if it is marked, else give it back; tells whether it went back.

    Deviation: objects have no specials, and a small object's span, which mcentral would keep, is not swept.

    Go: mgcsweep.go:mspan.sweep
    """
    sg: Uint32 = h.sweepgen
    throw_if(s.state != IN_USE or s.sweepgen != u32(sg - 1), "MSpan_Sweep: bad span state")
    sweep_begins(h, s)
    npages: Uintptr = s.npages
    free_to_heap = False
    nalloc: Uint16 = 1
    if not s.marked:
        nalloc = 0
        s.needzero = 1
        free_to_heap = True
    throw_if(nalloc > s.alloc_count, "sweep increased allocation count")
    writes_bits(h, s)
    s.alloc_count = nalloc
    s.freeindex = 0
    s.marked = False
    throw_if(s.state != IN_USE or s.sweepgen != u32(sg - 1), "MSpan_Sweep: bad span state after sweep")
    s.sweepgen = sg
    sweep_ends(s)
    if free_to_heap:
        free_span(h, s, True)
        pages_freed(h, npages)
        return True
    return False


def ensure_swept(h: Heap, s: Span) -> None:
    """Have a span in use swept before this returns, by this thread or by the one that is at it.

    Go: mgcsweep.go:mspan.ensureSwept
    """
    sg: Uint32 = h.sweepgen
    if s.sweepgen == sg:
        return
    if cas(s, "sweepgen", u32(sg - 2), u32(sg - 1)):
        sweep(h, s, False)
        return
    wait(lambda: s.sweepgen == sg)
