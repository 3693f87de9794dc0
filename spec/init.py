"""The empty heap (mheap.go:mheap.init, malloc.go:mallocinit)."""

from __future__ import annotations

from .heap import Heap
from .lists import init as list_init
from .parameters import sys


def init(h: Heap) -> None:
    """Build the empty heap: no memory mapped, all lists empty.

    Go: mheap.go:mheap.init
    """
    for i in range(sys.max_mheap_list):
        list_init(h.free[i])
        list_init(h.busy[i])
    list_init(h.freelarge)
    list_init(h.busylarge)
    h.sweepgen = sys.sweepgen_start
    h.arena_start = sys.arena_start
    h.arena_used = sys.arena_start
    h.arena_end = sys.arena_start + (sys.arena_pages << sys.page_shift)
    h.sweepdone = sys.sweepdone_start
    h.sweep.parked = True
    h.clock = 1
