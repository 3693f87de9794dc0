"""Growing the heap (mheap.go:grow)."""

from __future__ import annotations

from spec.environment.arena import sys_alloc
from spec.environment.fixalloc import fixalloc_alloc
from spec.free import free_span_locked
from spec.language import u64
from spec.parameters import sys
from spec.span import base
from spec.span import init as span_init
from spec.heap import Heap
from spec.table import page_index, round_up, set_table
from spec.types import IN_USE, Uintptr


def grow(h: Heap, npage: Uintptr) -> bool:
    """Ask for at least ``npage`` pages of memory and free them into the heap; False if there are none.

    Go: mheap.go:mheap.grow
    """
    npage = u64(round_up(npage, sys.grow_pages))
    ask: Uintptr = u64(npage << sys.page_shift)
    if ask < sys.heap_alloc_chunk:
        ask = sys.heap_alloc_chunk

    v: Uintptr = sys_alloc(h, ask)
    if v == 0:
        if ask > u64(npage << sys.page_shift):
            ask = u64(npage << sys.page_shift)
            v = sys_alloc(h, ask)
        if v == 0:
            return False

    s = fixalloc_alloc(h)
    span_init(s, v, ask >> sys.page_shift)
    set_table(h, page_index(h, base(s)), s.npages, s)
    s.sweepgen = h.sweepgen
    s.state = IN_USE
    h.pages_in_use += s.npages
    free_span_locked(h, s, False, True, 0)
    return True
