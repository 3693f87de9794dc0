"""Growth of the arena on 64-bit machines: one reservation, used from its start upward."""

from __future__ import annotations

from ..heap import Heap
from ..parameters import sys
from ..table import map_spans, round_up
from ..types import Uintptr
from .os import sys_map


def sys_alloc(h: Heap, n: Uintptr) -> Uintptr:
    """Take ``n`` bytes at the end of the arena in use and map the tables for them; 0 if the reservation is spent.

    Go: malloc.go:mheap.sysAlloc
    """
    if n <= h.arena_end - h.arena_used:
        p: Uintptr = h.arena_used
        sys_map(h, p, n)
        map_bits(h, p + n)
        map_spans(h, p + n)
        h.arena_used = p + n
        h.os.refused = False
        return p
    h.os.refused = True
    return 0


def map_bits(h: Heap, arena_used: Uintptr) -> None:
    """Map the heap bitmap for all addresses below the arena's coming end.

    Go: mbitmap.go:mheap.mapBits
    """
    n: Uintptr = (arena_used - h.arena_start) // sys.bitmap_scale
    n = round_up(n, sys.bitmap_chunk)
    n = round_up(n, sys.phys_page_size)
    if h.bitmap_mapped >= n:
        return
    h.bitmap_mapped = n
