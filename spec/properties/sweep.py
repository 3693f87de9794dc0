"""P13, P14, P19: the sweep generation protocol, who may touch a span that is being swept, and that the sweep gets done."""

from __future__ import annotations

from spec.language import check, end_of, given, invariant, step_property, thread, u32

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import FREE, IN_USE, NOT_DUE, NOT_ITS_OWN, OBJECT, OFF, TWO_SWEEPERS
from .extent import first_page, is_inside, is_known


@invariant("P13", "generations")
def generations(h: Heap) -> None:
    """Let a span in use be unswept, being swept or swept: two generations behind, one, or none."""
    sg = h.sweepgen
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == IN_USE and is_known(h, s)):
            known = s.sweepgen == sg or s.sweepgen == u32(sg - 1) or s.sweepgen == u32(sg - 2)
            check("one of three", known, span=s, sweepgen=s.sweepgen, heap=sg)
            check("claimed while it is swept", s.sweepgen != u32(sg - 1) or s.due or s.sweeper != 0, span=s)
            if given(s.sweepgen == u32(sg - 2) and not h.world.stopped):
                check("unswept if it was there when the cycle began", s.due, span=s, sweepgen=s.sweepgen)
            if given(s.sweepgen == sg and h.gcphase == OFF and not h.world.stopped):
                check("swept spans have no marks", not s.marked, span=s)


@invariant("P13", "swept before marking")
def swept(h: Heap) -> None:
    """While marking, have no span in use that the last cycle left unswept."""
    if h.gcphase != OFF:
        for i in range(h.nspan):
            s = h.mspans[i]
            if given(s.state == IN_USE and is_known(h, s)):
                check("swept", s.sweepgen == h.sweepgen, span=s, sweepgen=s.sweepgen, heap=h.sweepgen)


@invariant("P13", "swept once")
def once(h: Heap) -> None:
    """Sweep a span only when it is due: if it was in use when the cycle began, and once."""
    if given(h.sweepgen != sys.sweepgen_start):
        check("due", h.record.bad_sweep != NOT_DUE, span=h.record.span)


@step_property("P13", "no unswept span is freed")
def freed_unswept(before: Heap, after: Heap) -> None:
    """Free no span that is still to be swept: its mark would be lost."""
    for i in range(before.nspan):
        s = after.mspans[i]
        if given(before.mspans[i].due and before.mspans[i].state == IN_USE and before.sweepgen == after.sweepgen):
            check("swept before it is freed", s.state == IN_USE or not s.due, span=s)


@invariant("P14", "one sweeper")
def owned(h: Heap) -> None:
    """Let one thread at a time sweep a span, and write to its bits only while it does."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.sweeper != 0):
            check("span of a sweeper is in use", s.state == IN_USE, span=s)
    check("no second sweeper", h.record.bad_sweep != TWO_SWEEPERS, span=h.record.span)
    check("bits are the sweeper's", h.record.bad_sweep != NOT_ITS_OWN, span=h.record.span)


@invariant("P14", "object bits")
def counted(h: Heap) -> None:
    """Let an object that a client uses be counted in its span: no sweeper of the span's former life writes there."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == IN_USE and is_inside(h, s) and h.os.user[first_page(h, s)] == OBJECT):
            check("used object is allocated", s.alloc_count > 0, span=s)


@step_property("P14", "sweep ownership")
def untouched(before: Heap, after: Heap) -> None:
    """Let nobody but its sweeper change a span that is being swept."""
    for i in range(before.nspan):
        s = before.mspans[i]
        t = after.mspans[i]
        if given(s.sweeper != 0 and s.sweeper != thread()):
            check("mark", s.marked == t.marked, span=t)
            check("counts", s.alloc_count == t.alloc_count and s.freeindex == t.freeindex, span=t)
            check("state", s.state == t.state and s.sweepgen == t.sweepgen and s.needzero == t.needzero, span=t)
            check("extent", s.start_addr == t.start_addr and s.npages == t.npages and s.limit == t.limit, span=t)


@end_of("ensure_swept", "P13", "ensureSwept")
def ensured(h: Heap, s: Span, sg: int) -> None:
    """Return with the span swept."""
    if given(True):
        check("swept", s.sweepgen == sg, span=s, sweepgen=s.sweepgen)


@end_of("alloc_m", "P13", "new spans are swept")
def born_swept(h: Heap, s: Span | None) -> None:
    """Hand out spans of the present generation only."""
    if s is not None:
        if given(s.state == IN_USE):
            check("present generation", s.sweepgen == h.sweepgen, span=s, sweepgen=s.sweepgen)


@invariant("P19", "parked sweeper")
def parked(h: Heap) -> None:
    """Have no parked sweeper while there is something to sweep, but in a stopped world."""
    if given(h.sweep.parked and not h.world.stopped):
        check("nothing to sweep", h.sweepdone != 0)


@invariant("P19", "sweep done")
def done(h: Heap) -> None:
    """Strict form: say that the sweep is done only when every span has been swept."""
    if h.sweepdone == 1:
        for i in range(h.nspan):
            s = h.mspans[i]
            if given(s.state == IN_USE and is_known(h, s)):
                check("all swept", s.sweepgen == h.sweepgen, span=s, sweepgen=s.sweepgen, heap=h.sweepgen)


@end_of("finish_sweep", "P19", "sweep ends")
def finished(h: Heap) -> None:
    """End a cycle's sweep with every span swept."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == IN_USE):
            check("swept", s.sweepgen == h.sweepgen, span=s, sweepgen=s.sweepgen, heap=h.sweepgen)
        check("no free span is due", s.state != FREE or not s.due, span=s)
