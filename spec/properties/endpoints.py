"""P1, P2: what the table says about the pages of a span (the comment above mheap.go:mspan)."""

from __future__ import annotations

from spec.language import check, given, invariant

from ..heap import Heap
from ..types import FREE, IN_USE, STACK
from .extent import end_page, first_page, is_inside


@invariant("P1", "endpoints", when="lock")
def endpoints(h: Heap) -> None:
    """Let the first and the last page of a free span map to it."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == FREE and is_inside(h, s)):
            first = first_page(h, s)
            last = end_page(h, s) - 1
            check("first page", h.spans[first] is s, span=s, page=first)
            check("last page", h.spans[last] is s, span=s, page=last)


@invariant("P2", "interior", when="lock")
def interior(h: Heap) -> None:
    """Let every page of an in-use or stack span map to it, for pointers into its middle."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given((s.state == IN_USE or s.state == STACK) and is_inside(h, s)):
            for p in range(first_page(h, s), end_page(h, s)):
                check("every page", h.spans[p] is s, span=s, page=p)
