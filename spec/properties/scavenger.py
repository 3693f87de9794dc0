"""P9, P10, P11: the scavenger releases nothing that it must not, all that it must, and nothing too early."""

from __future__ import annotations

from spec.language import check, end_of, given, invariant

from ..heap import Heap
from ..parameters import sys
from ..types import EMPTY, FREE, LIVE_PAGE, MISALIGNED, NOT_ONE_FREE_SPAN, RELEASED, Time
from .extent import end_page, first_page, is_inside


@invariant("P9", "scavenger safety")
def safety(h: Heap) -> None:
    """Pass to the operating system only whole physical pages inside one free span.

    The record is of the first bad range and names the first thing that was wrong with it.
    """
    bad = h.os.bad_range
    start = h.os.bad_start
    length = h.os.bad_length
    if given(bad != 0 or some_page_released(h)):
        check("not empty", bad != EMPTY, start=start, length=length)
        check("aligned", bad != MISALIGNED, start=start, length=length)
        check("inside one free span", bad != NOT_ONE_FREE_SPAN, start=start, length=length)
        check("live page kept", bad != LIVE_PAGE, start=start, length=length)


def some_page_released(h: Heap) -> bool:
    """Whether the operating system has taken a page back."""
    for p in range(sys.arena_pages):
        if h.os.page[p] == RELEASED:
            return True
    return False


@end_of("scavenge", "P10", "scavenger completeness")
def complete(h: Heap, now: Time, limit: Time) -> None:
    """Have released every whole physical page inside a free span older than the limit.

    The age is the recorded one, and an exact number: a span freed after ``now`` is not old.
    """
    unit = max(sys.phys_page_size >> sys.page_shift, 1)
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == FREE and is_inside(h, s) and now - s.unusedsince > limit):
            # The arena's start is aligned, so page numbers are aligned where addresses are.
            first = (first_page(h, s) + unit - 1) // unit * unit
            end = end_page(h, s) // unit * unit
            for p in range(first, end):
                check("old page released", h.os.page[p] == RELEASED, span=s, page=p, now=now, limit=limit)


@end_of("scavenge", "P11", "scavenger timeliness")
def timely(h: Heap, now: Time, limit: Time) -> None:
    """Have released no page that was in use ``limit`` ago or later; FreeOSMemory, whose ``now`` is all ones, may.

    The idle time is the operating system's, from the last use of a page to the present. ``stamp`` is the
    latest time at which a free span with such a page was stamped unused, 0 if the page is in none.
    """
    idle = h.os.shortest_idle
    if given(now != sys.word_max and idle != sys.word_max):
        stamp = 0
        if idle <= limit:
            stamp = latest_stamp(h, idle)
        check("idle for longer than the limit", idle > limit, now=now, limit=limit, clock=h.clock, idle=idle, stamp=stamp)


def latest_stamp(h: Heap, idle: int) -> int:
    """The latest ``unusedsince`` of a free span with a released page that is idle for so long."""
    stamp = 0
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and is_inside(h, s):
            for p in range(first_page(h, s), end_page(h, s)):
                if h.os.page[p] == RELEASED and h.clock - h.os.last_used[p] == idle:
                    stamp = max(stamp, s.unusedsince)
    return stamp
