"""Sweeping before growing: large objects that died are freed first (mheap.go:reclaimList, reclaim)."""

from __future__ import annotations

from spec.language import acquire, cas, release, u32

from .environment.observer import list_begins, reclaim_begins
from .environment.sweep import sweep, sweepone
from .heap import Heap
from .lists import insert_back, remove
from .parameters import sys
from .structs import Span, SpanList
from .types import Uint32, Uintptr


def reclaim_list(h: Heap, spans: SpanList, npages: Uintptr) -> Uintptr:
    """Sweep spans of one busy list until at least ``npages`` pages were freed; returns the pages freed.

    Swept spans stand at the end of the list. The lock is dropped for each sweep, and another thread may move any span
    meanwhile, so the list is looked at from its front again.

    Go: mheap.go:mheap.reclaimList
    """
    list_begins(h)
    n: Uintptr = 0
    sg: Uint32 = h.sweepgen
    s: Span | None = spans.first
    while s is not None:
        if s.sweepgen == u32(sg - 2) and cas(s, "sweepgen", u32(sg - 2), u32(sg - 1)):
            remove(spans, s)
            insert_back(spans, s)
            release(h.lock)
            snpages: Uintptr = s.npages
            if sweep(h, s, False):
                n += snpages
            acquire(h.lock)
            if n >= npages:
                return n
            s = spans.first
        elif s.sweepgen == u32(sg - 1):
            s = s.next
        else:
            break
    return n


def reclaim(h: Heap, npage: Uintptr) -> None:
    """Sweep until at least ``npage`` pages are back in the heap, or nothing is left to sweep.

    Go: mheap.go:mheap.reclaim
    """
    reclaim_begins(h)
    i: Uintptr = npage
    while i < sys.max_mheap_list:
        if reclaim_list(h, h.busy[i], npage) != 0:
            return
        i += 1

    if reclaim_list(h, h.busylarge, npage) != 0:
        return

    reclaimed: Uintptr = 0
    i = 0
    while i < npage and i < sys.max_mheap_list:
        reclaimed += reclaim_list(h, h.busy[i], npage - reclaimed)
        if reclaimed >= npage:
            return
        i += 1

    release(h.lock)
    while True:
        n = sweepone(h)
        if n == sys.word_max:
            break
        reclaimed += n
        if reclaimed >= npage:
            break
    acquire(h.lock)
