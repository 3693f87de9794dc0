"""What the world keeps: the OS's own truth about each page, the clients' pointers, the collector, and the observer's ghosts."""

from __future__ import annotations

from typing import Annotated

from spec.language import Ghost, Range, Size, Unordered

from ..structs import Span, SpanArray
from ..types import BadRange, BadSweep, OSPageState, PageUser, Time, Uint32, Uintptr


class OS:
    """The operating system, and ghosts that are independent of the heap's books; all arrays are by heap page."""

    page: Annotated[list[OSPageState], Size("arena_pages"), Ghost()]
    dirty: Annotated[list[bool], Size("arena_pages"), Ghost()]
    user: Annotated[list[PageUser], Size("arena_pages"), Ghost()]
    last_used: Annotated[list[Time], Size("arena_pages"), Ghost()]
    handed: Annotated[list[bool], Size("arena_pages"), Ghost()]
    refused: Annotated[bool, Ghost()]
    bad_range: Annotated[BadRange, Ghost()]
    bad_start: Annotated[Uintptr, Ghost()]
    bad_length: Annotated[Uintptr, Ghost()]
    shortest_idle: Annotated[Uintptr, Ghost()]


class Mutator:
    """A thread that allocates and frees: the addresses it holds, 0 where it holds none.

    ``inside`` while it cannot be stopped: in malloc, in stack allocation (m.locks, m.mallocing, the system stack).
    """

    root: Annotated[list[Uintptr], Size("held"), Unordered()]
    inside: bool


class Reader:
    """A thread that looks addresses up without the lock.

    ``steady`` is what the page of the address has been used for ever since the lookup began.
    """

    page: Annotated[int, Range(0, "arena_pages"), Ghost()]
    steady: Annotated[PageUser, Ghost()]


class Work:
    """The collector's copy of the array of all spans, of fixed length (mgc.go:work.spans), and how far sweepone got."""

    spans: SpanArray | None
    nspan: Annotated[int, Range(0, "spans")]
    spanidx: Uint32


class BackgroundSweep:
    """The background sweeper (mgcsweep.go:sweep): parked, or ``inside`` a sweep, where it cannot be stopped."""

    parked: bool
    inside: bool


class World:
    """The scheduler as the collector sees it: ``stopped`` lets nobody begin what cannot be stopped."""

    stopped: bool
    cycles: Annotated[int, Range(0, "gc_cycles")]
    forced: Annotated[int, Range(0, "forced_cycles")]


class Account:
    """What the observer counts for one thread: pages really freed by its sweeps, in one list and in the whole reclaim."""

    listed: Annotated[Uintptr, Ghost()]
    last: Annotated[Uintptr, Ghost()]
    reclaimed: Annotated[Uintptr, Ghost()]


class Record:
    """The first breach of the sweep protocol that the observer saw."""

    bad_sweep: Annotated[BadSweep, Ghost()]
    span: Annotated[Span | None, Ghost()]
