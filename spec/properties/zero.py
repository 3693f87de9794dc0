"""P12: memory that is said to be zero is zero."""

from __future__ import annotations

from spec.language import check, end_of, given, invariant

from ..heap import Heap
from ..structs import Span
from ..types import FREE
from .extent import end_page, first_page, is_inside


@invariant("P12", "needzero", when="lock")
def needzero_told(h: Heap) -> None:
    """Let a free span without ``needzero`` hold nothing but zeros."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == FREE and s.needzero == 0 and is_inside(h, s)):
            for p in range(first_page(h, s), end_page(h, s)):
                check("free span is zero", not h.os.dirty[p], span=s, page=p)


@end_of("alloc", "P12", "zeroed memory")
def zero_handed_out(h: Heap, needzero: bool, result: Span | None) -> None:
    """Hand out zeros when zeros were asked for."""
    if result is not None:
        if given(needzero and is_inside(h, result)):
            check("flag cleared", result.needzero == 0, span=result)
            for p in range(first_page(h, result), end_page(h, result)):
                check("new span is zero", not h.os.dirty[p], span=result, page=p)
