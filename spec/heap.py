"""The heap: the root of the state (mheap.go:mheap)."""

from __future__ import annotations

from typing import Annotated

from spec.language import Interchangeable, Lock, PerThread, Racy, Range, Size

from .environment.state import OS, Account, BackgroundSweep, Mutator, Reader, Record, Work, World
from .structs import FixAlloc, MemStats, Span, SpanArray, SpanList
from .types import GCPhase, Time, Uint32, Uint64, Uintptr


class Heap:
    """The page heap (mheap.go:mheap), the span structs, and the world around them: the root of the state."""

    lock: Lock
    free: Annotated[list[SpanList], Size("max_mheap_list")]
    freelarge: SpanList
    busy: Annotated[list[SpanList], Size("max_mheap_list")]
    busylarge: SpanList
    allspans: SpanArray | None
    gcspans: SpanArray | None
    nspan: Annotated[int, Range(0, "spans")]
    sweepgen: Annotated[Uint32, Racy("lock")]
    sweepdone: Annotated[int, Range(0, 1), Racy()]
    spans: Annotated[list[Span | None], Size("table_size"), Racy("lock")]
    spans_mapped: Annotated[Uintptr, Racy("lock")]
    pages_in_use: Uint64
    bitmap_mapped: Annotated[Uintptr, Racy("lock")]
    arena_start: Uintptr
    arena_used: Annotated[Uintptr, Racy("lock")]
    arena_end: Uintptr
    spanalloc: FixAlloc
    memstats: MemStats

    mspans: Annotated[list[Span], Size("spans"), Interchangeable("nspan", when="unordered_sweep")]
    arrays: Annotated[list[SpanArray], Size("span_arrays")]
    narrays: Annotated[int, Range(0, "span_arrays")]

    gcphase: Annotated[GCPhase, Racy()]
    work: Work
    sweep: BackgroundSweep
    sweep_lock: Lock
    worldsema: Lock
    world: World
    stackpool: SpanList
    stackpoolmu: Lock
    stack_large: Annotated[list[SpanList], Size("stack_orders")]
    stack_large_lock: Lock
    os: OS
    clock: Annotated[Time, Racy()]
    mutators: Annotated[list[Mutator], Size("mutators")]
    readers: Annotated[list[Reader], Size("readers")]
    accounts: Annotated[list[Account], PerThread()]
    record: Record
