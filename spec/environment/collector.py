"""The collector's cycle: off, mark, mark termination, off, with the world stopped where the phase changes (mgc.go)."""

from __future__ import annotations

from spec.language import acquire, choose, ghost, release, wait

from ..heap import Heap
from ..parameters import sys
from ..span import base
from ..table import page_index
from ..types import ABSENT, IN_USE, MARK, MARKTERM, OFF, STACK, VISITED, WAITING
from .marker import mark_all, mark_from
from .observer import cycle_begins
from .os import sys_free_array
from .stacks import free_stack_spans
from .sweep import sweepone
from .sweeper import ready
from .world import start_the_world, stop_the_world


def collector(h: Heap) -> None:
    """The thread that collects again and again, up to the scenario's bound."""
    while True:
        wait(lambda: h.world.cycles < sys.gc_cycles, rest=True)
        h.world.cycles += 1
        gc_start(h, False)


def gc_start(h: Heap, block: bool) -> None:
    """One cycle: concurrent, or with ``block`` all of it, the sweep included, with the world stopped.

    Go: mgc.go:gcStart
    """
    # Deviation: what the last cycle left unswept is swept with the world stopped, not also before that; and the forced mode
    # that marks with the world stopped and sweeps in the background is left out.
    acquire(h.worldsema)
    stop_the_world(h)
    finish_sweep(h)
    if not block:
        h.gcphase = MARK
        phase_begins(h)
        gc_copy_spans(h)
        start_the_world(h)
        mark(h)
        stop_the_world(h)
    gc_mark_termination(h, block)
    start_the_world(h)
    free_stack_spans(h)
    release(h.worldsema)


def finish_sweep(h: Heap) -> None:
    """Sweep all that is left.

    Go: mgcsweep.go:finishsweep_m
    """
    while sweepone(h) != sys.word_max:
        pass


def mark(h: Heap) -> None:
    """Mark from any roots, in any order, for any time; mark termination does the rest."""
    while True:
        i, slot = choose(range(sys.mutators + 1), range(sys.held), where=lambda i, j: may_mark(h, i, j))
        if i == sys.mutators:
            return
        mark_from(h, i, slot)


def may_mark(h: Heap, i: int, slot: int) -> bool:
    """Whether that root of mutator i holds an address; the number behind the last mutator stands for the end."""
    if i == sys.mutators:
        return slot == 0
    return h.mutators[i].root[slot] != 0


def gc_mark_termination(h: Heap, block: bool) -> None:
    """Finish marking, turn the phase off, and begin the sweep.

    Go: mgc.go:gcMarkTermination
    """
    h.gcphase = MARKTERM
    if block:
        phase_begins(h)
    gc_copy_spans(h)
    mark_all(h)
    h.gcphase = OFF
    phase_ends(h)
    gc_sweep(h, block)


def gc_copy_spans(h: Heap) -> None:
    """Have the marker and the sweeper work on the present array of all spans, at its present length.

    Go: mgc.go:gcCopySpans
    """
    acquire(h.lock)
    if h.work.spans is not None and h.work.spans is not h.allspans:
        sys_free_array(h.work.spans)
    h.gcspans = h.allspans
    h.work.spans = h.allspans
    h.work.nspan = h.nspan
    for i in range(h.nspan):
        if sys.unordered_sweep == 1 and h.mspans[i].visit == ABSENT:
            h.mspans[i].visit = WAITING
    release(h.lock)


def gc_sweep(h: Heap, block: bool) -> None:
    """Begin the sweep of a new generation; with ``block``, end it too.

    Go: mgc.go:gcSweep
    """
    gc_copy_spans(h)
    acquire(h.lock)
    h.sweepgen += 2
    h.sweepdone = 0
    h.work.spanidx = 0
    for i in range(h.nspan):
        if h.mspans[i].visit == VISITED:
            h.mspans[i].visit = WAITING
    cycle_begins(h)
    release(h.lock)
    if block:
        while sweepone(h) != sys.word_max:
            pass
        return
    # Deviation: no pacing; sweepers sweep as fast as they are scheduled.
    ready(h)


@ghost
def phase_begins(h: Heap) -> None:
    """From now on no span in anybody's hands may become free."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == IN_USE or s.state == STACK:
            first = page_index(h, base(s))
            for p in range(first, first + s.npages):
                h.os.handed[p] = True


@ghost
def phase_ends(h: Heap) -> None:
    """From now on spans may become free again."""
    for p in range(sys.arena_pages):
        h.os.handed[p] = False
