"""P17, P25: the arena, its tables, and when an allocation may fail."""

from __future__ import annotations

from spec.language import check, end_of, given, invariant, step_property

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import FREE, Uintptr
from .extent import size_of


@invariant("P17", "publication")
def published(h: Heap) -> None:
    """Have the tables mapped for every address below the published end of the arena."""
    used = h.arena_used - h.arena_start
    if given(used > 0):
        need = (used >> sys.page_shift) * sys.ptr_size
        check("span table mapped", need <= h.spans_mapped, need=need, mapped=h.spans_mapped)
        described = h.bitmap_mapped * sys.bitmap_scale
        check("bitmap mapped", used <= described, used=used, described=described)


@invariant("P25", "arena bounds")
def bounds(h: Heap) -> None:
    """Keep the end of the arena in use between its start and the end of the reservation."""
    if given(h.arena_used != h.arena_start):
        check("not below the start", h.arena_start <= h.arena_used, used=h.arena_used)
        check("not beyond the end", h.arena_used <= h.arena_end, used=h.arena_used)


@step_property("P25", "arena only grows")
def monotone(before: Heap, after: Heap) -> None:
    """Never take memory of the arena out of use."""
    if given(before.arena_used != after.arena_used):
        check("used grows", before.arena_used < after.arena_used, before=before.arena_used, after=after.arena_used)


@end_of("alloc_m", "P25", "allocation from the arena")
def object_span(h: Heap, npage: Uintptr, s: Span | None) -> None:
    """Hand out memory of the arena, or fail because there is none."""
    check_result(h, npage, s)


@end_of("alloc_stack", "P25", "stack allocation from the arena")
def stack_span(h: Heap, npage: Uintptr, s: Span | None) -> None:
    """Hand out memory of the arena, or fail because there is none."""
    check_result(h, npage, s)


def check_result(h: Heap, npage: Uintptr, s: Span | None) -> None:
    """Check the result of an allocation of ``npage`` pages.

    ``refused`` is the operating system's last answer. That it had no room is checked on its own, because a heap that did not
    ask this time finds the answer to an earlier request there.
    """
    if s is not None:
        if given(True):
            check("as long as requested", s.npages == npage, span=s, npage=npage)
            check("not below the arena", h.arena_start <= s.start_addr, span=s)
            check("not beyond the arena", s.start_addr + size_of(s) <= h.arena_used, span=s)
    elif given(True):
        check("refused by the operating system", h.os.refused, npage=npage)
        for i in range(h.nspan):
            t = h.mspans[i]
            check("nothing free would have fitted", t.state != FREE or t.npages < npage, npage=npage, span=t)
        if given(h.os.refused):
            room = (h.arena_end - h.arena_used) >> sys.page_shift
            growth = (npage + sys.grow_pages - 1) // sys.grow_pages * sys.grow_pages
            check("no room left", room < growth, room=room, growth=growth)
