"""P24: a span struct is in use or on the allocator's list, never both."""

from __future__ import annotations

from spec.language import check, given, invariant, step_property, u32

from ..heap import Heap
from ..parameters import sys
from ..types import DEAD, IN_USE, STACK
from .extent import end_page, first_page, is_inside


@invariant("P24", "allocator's list")
def free_structs(h: Heap) -> None:
    """Let the list hold dead structs only, each once, and the statistic count the others."""
    n = listed(h)
    check("no cycle", n <= h.nspan, listed=n)
    s = h.spanalloc.list
    for _ in range(n):
        if s is not None:
            if given(True):
                check("listed struct is dead", s.state == DEAD, span=s)
                check("listed struct is in no span list", s.list is None, span=s)
            s = s.next
    inuse = (h.nspan - n) * sys.mspan_size
    check("mspan_inuse", h.spanalloc.inuse == inuse, inuse=h.spanalloc.inuse, sum=inuse)


@invariant("P24", "dead structs", when="lock")
def dead_structs(h: Heap) -> None:
    """Have every dead struct on the list, and no page at the end of a live span map to one."""
    dead = 0
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == DEAD:
            dead += 1
        elif given(is_inside(h, s)):
            first = h.spans[first_page(h, s)]
            last = h.spans[end_page(h, s) - 1]
            if first is not None:
                check("endpoint is live", first.state != DEAD, span=s, maps_to=first)
            if last is not None:
                check("endpoint is live", last.state != DEAD, span=s, maps_to=last)
    n = listed(h)
    check("dead struct is listed", n == dead, listed=n, dead=dead)


def listed(h: Heap) -> int:
    """The number of structs on the allocator's list; more than there are if it is a cycle."""
    n = 0
    s = h.spanalloc.list
    while s is not None and n <= h.nspan:
        n += 1
        s = s.next
    return n


@invariant("P24", "held spans")
def held_structs(h: Heap) -> None:
    """Let an address that a client holds be the beginning of an allocated span: nothing reachable is ever freed."""
    for i in range(sys.mutators):
        for j in range(sys.held):
            v = h.mutators[i].root[j]
            if given(v != 0):
                s = h.spans[(v - h.arena_start) >> sys.page_shift]
                if s is None:
                    check("held address has a span", False, address=v)
                else:
                    check("held span is allocated", s.state == IN_USE or s.state == STACK, span=s, address=v)
                    check("held span begins there", s.start_addr == v, span=s, address=v)


@step_property("P24", "sweepgen survives")
def generations(before: Heap, after: Heap) -> None:
    """Let a struct's generation survive freeing and reuse: it only ever becomes the heap's own, or is claimed for a sweep."""
    sg = after.sweepgen
    for i in range(before.nspan):
        s = after.mspans[i]
        old = before.mspans[i].sweepgen
        if given(s.sweepgen != old):
            claimed = old == u32(sg - 2) and s.sweepgen == u32(sg - 1)
            check("only to the heap's", s.sweepgen == sg or claimed, span=s, sweepgen=s.sweepgen, heap=sg)
