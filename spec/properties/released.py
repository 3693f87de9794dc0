"""P8: what a span counts as released, against the operating system's own truth."""

from __future__ import annotations

from spec.language import check, given, invariant

from ..heap import Heap
from ..types import DEAD, FREE, MAPPED, RELEASED
from .extent import end_page, first_page, is_inside


@invariant("P8", "released pages", when="lock")
def released_pages(h: Heap) -> None:
    """Let no span count more pages than are really released, and no page that is handed out be released."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == FREE and is_inside(h, s)):
            check("at most all", s.npreleased <= s.npages, span=s)
            released = 0
            for p in range(first_page(h, s), end_page(h, s)):
                if h.os.page[p] == RELEASED:
                    released += 1
            check("counted is released", s.npreleased <= released, span=s, released=released)
        elif given(s.state != DEAD and is_inside(h, s)):
            check("none in use", s.npreleased == 0, span=s)
            for p in range(first_page(h, s), end_page(h, s)):
                check("used page mapped", h.os.page[p] == MAPPED, span=s, page=p)
