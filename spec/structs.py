"""The parts of the heap's state: mspan, mSpanList and the statistics (mheap.go, mstats.go).

Go's links into fields (``prev **mspan``, ``last **mspan``) are references to spans here, so a span is in a list
when ``list is not None``. A field that Go reads without the lock is `Racy`, with the lock that otherwise guards it.
"""

from __future__ import annotations

from typing import Annotated

from spec.language import Ghost, Racy, Range, ThreadNumber

from .types import SpanState, Time, Uint8, Uint16, Uint32, Uint64, Uintptr, Visit


class Span:
    """A run of pages (mheap.go:mspan). Fields not yet needed: allocCache, bits, division, specials.

    ``marked`` stands for gcmarkBits: a large object is the only one of its span. ``visit`` replaces the span's place in
    work.spans when sweepone may take any span next. The observer knows whether a sweep is ``due``, which thread is the
    ``sweeper``, and whether one has ``looked_at`` the span but not yet decided.
    """

    next: Span | None
    prev: Span | None
    list: SpanList | None
    start_addr: Annotated[Uintptr, Racy("lock")]
    npages: Annotated[Uintptr, Racy("lock")]
    stackfreelist: Uintptr
    freeindex: Uintptr
    nelems: Uintptr
    sweepgen: Annotated[Uint32, Racy("lock")]
    alloc_count: Uint16
    sizeclass: Uint8
    incache: bool
    state: Annotated[SpanState, Racy("lock")]
    needzero: Uint8
    elemsize: Uintptr
    unusedsince: Time
    npreleased: Uintptr
    limit: Annotated[Uintptr, Racy()]
    marked: bool
    visit: Visit
    due: Annotated[bool, Ghost()]
    sweeper: Annotated[int, ThreadNumber(), Ghost()]
    looked_at: Annotated[bool, Ghost()]


class SpanList:
    """Head of a doubly linked list of spans (mheap.go:mSpanList)."""

    first: Span | None
    last: Span | None


class SpanArray:
    """One piece of memory that holds the array of all spans; the next is taken when it is full (mheap.go:recordspan)."""

    capacity: Annotated[int, Range(0, "allspans_max")]
    mapped: Annotated[bool, Ghost()]


class FixAlloc:
    """Allocator of span structs (mfixalloc.go:fixalloc): a LIFO list of freed ones, then fresh ones."""

    list: Span | None
    inuse: Uintptr


class MemStats:
    """The statistics that the page heap keeps, in bytes (mstats.go:mstats)."""

    heap_sys: Uint64
    heap_idle: Uint64
    heap_inuse: Uint64
    heap_released: Uint64
    heap_objects: Uint64
    stacks_inuse: Uint64
