"""Ghosts of the sweep protocol: who sweeps which span, whether it is due, and what each thread really freed.

No statement of the heap can read what is written here. The first breach of the protocol is recorded; P13 and P14 read it.
"""

from __future__ import annotations

from spec.language import ghost, thread

from ..heap import Heap
from ..structs import Span
from ..types import IN_USE, NO_BREACH, NOT_DUE, NOT_ITS_OWN, TWO_SWEEPERS, Uintptr


@ghost
def cycle_begins(h: Heap) -> None:
    """A new generation: every span in use is due once, no other."""
    for i in range(h.nspan):
        s = h.mspans[i]
        s.due = s.state == IN_USE


@ghost
def looks_at(s: Span) -> None:
    """A thread has taken the span off the list and has still to see whether it needs sweeping."""
    s.looked_at = True


@ghost
def passes(s: Span) -> None:
    """The thread has seen that the span needs no sweeping, or that it is claimed."""
    s.looked_at = False


@ghost
def sweep_begins(h: Heap, s: Span) -> None:
    """This thread begins to sweep a span, which must be due and nobody else's."""
    if s.sweeper != 0:
        note(h, TWO_SWEEPERS, s)
    if not s.due:
        note(h, NOT_DUE, s)
    s.sweeper = thread()
    s.looked_at = False
    s.due = False


@ghost
def writes_bits(h: Heap, s: Span) -> None:
    """This thread writes to the span's bits and counts: only its sweeper may."""
    if s.sweeper != thread():
        note(h, NOT_ITS_OWN, s)


@ghost
def sweep_ends(s: Span) -> None:
    """The sweeper hands the span over."""
    s.sweeper = 0


@ghost
def note(h: Heap, what: int, s: Span) -> None:
    """Record the first breach."""
    if h.record.bad_sweep == NO_BREACH:
        h.record.bad_sweep = what
        h.record.span = s


@ghost
def reclaim_begins(h: Heap) -> None:
    """This thread begins to reclaim."""
    h.accounts[thread() - 1].reclaimed = 0


@ghost
def list_begins(h: Heap) -> None:
    """This thread begins with another list."""
    h.accounts[thread() - 1].listed = 0
    h.accounts[thread() - 1].last = 0


@ghost
def pages_freed(h: Heap, npages: Uintptr) -> None:
    """A sweep of this thread gave pages back to the heap."""
    mine = h.accounts[thread() - 1]
    mine.listed += npages
    mine.last = npages
    mine.reclaimed += npages


@ghost
def reclaim_ends(h: Heap) -> None:
    """This thread has allocated: what it reclaimed is of no interest any more."""
    mine = h.accounts[thread() - 1]
    mine.listed = 0
    mine.last = 0
    mine.reclaimed = 0
