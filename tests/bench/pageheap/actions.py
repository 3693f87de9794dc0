"""Who calls the operations: one thread for each kind of action, which takes any enabled instance of it, for ever.

A choice ends the step and has one successor for each value that passes, so an enabled instance is a transition, and a
thread is always back at its choice: nothing but the heap tells two states apart. Guards begin with what is cheap and
seldom true, for they are evaluated for every value in every state.
"""

from __future__ import annotations

from spec.language import Scenario, Thread, choose, wait

from .operations import allocate, finish_sweep, free, mark_termination, release
from .state import (
    FREE,
    IN_USE,
    MARK,
    MARKED,
    OFF,
    STACK,
    SWEEPING_MARKED,
    SWEPT,
    UNMARKED,
    Heap,
    initial,
    sys,
    whole,
)


def alloc(r: Heap) -> None:
    """A thread below its bound takes a span of any kind and size that fits somewhere."""
    while True:
        t, n, kind = choose(
            range(1, sys.T + 1),
            range(1, sys.NMAX + 1),
            range(IN_USE, STACK + 1),
            where=lambda t, n, kind: may_hold_more(r, t) and fits(r, n),
        )
        allocate(r, t, n, kind)


def may_hold_more(r: Heap, t: int) -> bool:
    """The thread holds fewer spans than it may."""
    held = 0
    for p in range(sys.P):
        if r.own[p] == t:
            held += 1
    return held < sys.H


def fits(r: Heap, n: int) -> bool:
    """Some free span has ``n`` pages."""
    for p in range(sys.P):
        if r.len[p] >= n and r.kind[p] == FREE:
            return True
    return False


def drop(r: Heap) -> None:
    """A thread forgets an object; which thread is told by the span, so the page alone is the choice."""
    while True:
        p = choose(range(sys.P), where=lambda p: r.own[p] != 0 and r.kind[p] == IN_USE)
        r.own[p] = 0


def free_stack(r: Heap) -> None:
    """A thread gives a stack back, but not while marking."""
    while True:
        p = choose(range(sys.P), where=lambda p: r.kind[p] == STACK and r.own[p] != 0 and r.phase == OFF)
        free(r, p)


def gc_start(r: Heap) -> None:
    """A collection begins when the last one has swept everything."""
    while True:
        wait(lambda: r.phase == OFF and swept(r))
        r.phase = MARK


def swept(r: Heap) -> bool:
    """No span needs a sweep."""
    for p in range(sys.P):
        if r.sw[p] != SWEPT:
            return False
    return True


def flip(r: Heap) -> None:
    """Marking ends."""
    while True:
        wait(lambda: r.phase == MARK)
        r.phase = OFF
        mark_termination(r)


def sweep_begin(r: Heap) -> None:
    """The sweeper takes a span that needs it; it sweeps one at a time."""
    while True:
        p = choose(range(sys.P), where=lambda p: MARKED <= r.sw[p] <= UNMARKED and r.phase == OFF and idle(r))
        r.sw[p] += SWEEPING_MARKED - MARKED


def idle(r: Heap) -> bool:
    """No span is being swept."""
    for p in range(sys.P):
        if r.sw[p] >= SWEEPING_MARKED:
            return False
    return True


def sweep_end(r: Heap) -> None:
    """The sweeper is done with its span."""
    while True:
        p = choose(range(sys.P), where=lambda p: r.sw[p] >= SWEEPING_MARKED)
        finish_sweep(r, p)


def scavenge(r: Heap) -> None:
    """A free span of which something can still be released."""
    while True:
        p = choose(range(sys.P), where=lambda p: r.kind[p] == FREE and can_release(r, p))
        release(r, p)


def can_release(r: Heap, p: int) -> bool:
    """Releasing the span would change something."""
    pages = whole(p, r.len[p])
    return pages > 0 and pages != r.rel[p]


PAGEHEAP = Scenario(
    "pageheap",
    "threads, stacks, collector, sweeper and scavenger over one arena",
    Heap,
    initial,
    tuple(Thread(f) for f in (alloc, drop, free_stack, gc_start, flip, sweep_begin, sweep_end, scavenge)),
    closure="4 pages, 2 threads, 1 span each: 13,139 states",
)
