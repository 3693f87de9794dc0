"""P15: during a collection no span goes from in use, or stack, to free (the comment above mheap.go:mspan)."""

from __future__ import annotations

from spec.language import check, given, invariant, step_property

from ..heap import Heap
from ..types import FREE, IN_USE, OFF, STACK
from .extent import in_table, used_pages


@invariant("P15", "monotonic state, client form")
def client(h: Heap) -> None:
    """During a collection, let no page be seen in a free span that has been handed out."""
    if h.gcphase != OFF:
        for p in range(used_pages(h)):
            if given(h.os.handed[p]):
                s = h.spans[p]
                if s is None:
                    check("handed out page keeps its span", False, page=p)
                else:
                    check("handed out page is not free", s.state != FREE, span=s, page=p)


@step_property("P15", "monotonic state, strict form")
def strict(before: Heap, after: Heap) -> None:
    """During a collection, let no struct that the table leads to go from in use, or stack, to free."""
    if before.gcphase != OFF:
        for i in range(before.nspan):
            s = before.mspans[i]
            if given((s.state == IN_USE or s.state == STACK) and in_table(before, s)):
                t = after.mspans[i]
                check("not to free", t.state != FREE, span=t, was=s.state)
