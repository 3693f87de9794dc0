"""R1 to R4: what a heap that works can come to. A search that never does has shown less than it seems to."""

from __future__ import annotations

from spec.language import reachable

from ..heap import Heap
from ..parameters import sys
from ..types import FREE, IN_USE, OBJECT, RELEASED
from .extent import end_page, first_page, is_inside, used_pages


@reachable("R1", "a span released in part")
def released_in_part(h: Heap) -> bool:
    """Have a free span of which the operating system has taken some pages back, and not the others."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and is_inside(h, s) and 0 < s.npreleased < s.npages:
            return True
    return False


@reachable("R2", "all that is free is released")
def all_released(h: Heap) -> bool:
    """Have given all free memory back to the operating system while a client goes on using its own."""
    used = False
    released = 0
    for p in range(used_pages(h)):
        used = used or h.os.user[p] == OBJECT
        if h.os.page[p] == RELEASED:
            released += 1
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and is_inside(h, s) and s.npreleased != s.npages:
            return False
    return used and released > 0


@reachable("R3", "memory in pieces")
def in_pieces(h: Heap) -> bool:
    """Have been refused memory while enough of it is free, in pieces of which each is too small."""
    free = 0
    largest = 0
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and is_inside(h, s):
            free += s.npages
            largest = max(largest, s.npages)
    return h.os.refused and largest < sys.large_pages <= free


@reachable("R4", "an object across two growths")
def across_growths(h: Heap) -> bool:
    """Have an object that begins in the memory of the first growth and ends in that of a later one, which joined it free."""
    chunk = sys.heap_alloc_chunk >> sys.page_shift
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == IN_USE and is_inside(h, s) and first_page(h, s) < chunk < end_page(h, s):
            return h.os.user[first_page(h, s)] == OBJECT
    return False
