"""P5: which span is in which list, and that the links of the lists agree in both directions."""

from __future__ import annotations

from spec.language import check, given, invariant

from ..heap import Heap
from ..parameters import sys
from ..structs import Span, SpanList
from ..types import DEAD, FREE, IN_USE, STACK


@invariant("P5", "list membership", when="lock")
def membership(h: Heap) -> None:
    """Let a free span be in the free list of its length, a large object in the busy list, any other in none."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == FREE):
            if s.npages < sys.max_mheap_list:
                check("free span in its list", s.list is h.free[s.npages], span=s)
            else:
                check("free span in its list", s.list is h.freelarge, span=s)
        elif given(s.state == IN_USE and s.sizeclass == 0):
            if s.npages < sys.max_mheap_list:
                check("large object in its list", s.list is h.busy[s.npages], span=s)
            else:
                check("large object in its list", s.list is h.busylarge, span=s)
        elif given(s.state == STACK):
            check("stack span in no list of the heap", s.list is None or is_stack_list(h, s), span=s)
        else:
            check("no list", s.list is None and s.prev is None, span=s)
            check("no successor", s.next is None or s.state == DEAD, span=s)


def is_stack_list(h: Heap, s: Span) -> bool:
    """Whether the list that a span knows of is one of the stack allocator's."""
    if s.list is h.stackpool:
        return True
    for i in range(sys.stack_orders):
        if s.list is h.stack_large[i]:
            return True
    return False


@invariant("P5", "link integrity", when="lock")
def links(h: Heap) -> None:
    """Let every list, walked from its front, hold what it is for, each span once, and end at its last."""
    free = 0
    busy = 0
    for i in range(sys.max_mheap_list):
        free += walk(h, h.free[i], FREE, i)
        busy += walk(h, h.busy[i], IN_USE, i)
    free += walk(h, h.freelarge, FREE, sys.max_mheap_list)
    busy += walk(h, h.busylarge, IN_USE, sys.max_mheap_list)
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE:
            free -= 1
        elif s.state == IN_USE and s.sizeclass == 0:
            busy -= 1
    check("each free span in one list", free == 0, surplus=free)
    check("each large object in one list", busy == 0, surplus=busy)


def walk(h: Heap, spans: SpanList, state: int, length: int) -> int:
    """Check one list; how many spans it holds.

    A span that is met twice would need two predecessors, so the walk ends; the bound is for a heap gone wrong.
    """
    n = 0
    previous: Span | None = None
    s = spans.first
    while s is not None and n <= h.nspan:
        if given(True):
            check("knows its list", s.list is spans, span=s)
            check("predecessor", s.prev is previous, span=s)
            check("state", s.state == state, span=s, state=state)
            if length < sys.max_mheap_list:
                check("length", s.npages == length, span=s, length=length)
            else:
                check("length", s.npages >= length, span=s, length=length)
        n += 1
        previous = s
        s = s.next
    check("no cycle", n <= h.nspan, length=length)
    check("last", spans.last is previous, last=spans.last, length=length)
    return n
