"""P3, P4: the spans tile the arena, and no two free ones lie side by side."""

from __future__ import annotations

from spec.language import check, given, invariant

from ..heap import Heap
from ..types import FREE
from .extent import end_page, first_page, is_inside, is_live, used_pages


@invariant("P3", "maximal coalescing", when="lock")
def coalesced(h: Heap) -> None:
    """Have no free span end where another begins."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and is_inside(h, s) and end_page(h, s) < used_pages(h):
            p = end_page(h, s)
            t = h.spans[p]
            if t is not None:
                if given(first_page(h, t) == p):
                    check("no free neighbours", t.state != FREE, span=s, neighbour=t, page=p)


@invariant("P4", "partition", when="lock")
def partition(h: Heap) -> None:
    """Let every page of the arena in use belong to exactly one live span.

    One walk from span to span finds, through the table, the one that begins where the last ended. It covers the
    arena without gap or overlap; a live span that it does not meet is one too many.
    """
    live = 0
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(is_live(s)):
            live += 1
            check("inside the arena", is_inside(h, s), span=s)

    met = 0
    p = 0
    while p < used_pages(h):
        t = h.spans[p]
        if t is None:
            check("page has a span", False, page=p)
            return
        begins = is_live(t) and first_page(h, t) == p and t.npages > 0
        check("a live span begins here", begins, span=t, page=p)
        if not begins:
            return
        met += 1
        p += t.npages
    check("last span ends with the arena", p == used_pages(h), page=p)
    check("no page twice", met == live, live=live, met=met)
