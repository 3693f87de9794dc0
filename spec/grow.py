"""Growing the heap (mheap.go:grow)."""

from __future__ import annotations

from spec.language import u64

from .environment.arena import sys_alloc
from .environment.fixalloc import fixalloc_alloc
from .free import free_span_locked
from .heap import Heap
from .parameters import sys
from .span import base
from .span import init as span_init
from .table import page_index, round_up, set_table
from .types import IN_USE, Uintptr


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
