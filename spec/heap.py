"""The heap: the root of the state (mheap.go:mheap)."""

from __future__ import annotations

from typing import Annotated

from spec.language import Lock, Racy, Range, Size

from .environment.state import OS, Mutator
from .structs import FixAlloc, MemStats, Span, SpanList
from .types import Time, Uint32, Uint64, Uintptr


class Heap:
    """The page heap (mheap.go:mheap), the span structs, and the world around them: the root of the state."""

    lock: Lock
    free: Annotated[list[SpanList], Size("max_mheap_list")]
    freelarge: SpanList
    busy: Annotated[list[SpanList], Size("max_mheap_list")]
    busylarge: SpanList
    allspans: Annotated[list[Span | None], Size("spans")]
    allspans_cap: Annotated[int, Range(0, "allspans_max")]
    nspan: Annotated[int, Range(0, "spans")]
    sweepgen: Annotated[Uint32, Racy("lock")]
    spans: Annotated[list[Span | None], Size("table_size"), Racy("lock")]
    spans_mapped: Uintptr
    pages_in_use: Uint64
    bitmap_mapped: Uintptr
    arena_start: Uintptr
    arena_used: Annotated[Uintptr, Racy("lock")]
    arena_end: Uintptr
    spanalloc: FixAlloc
    memstats: MemStats

    mspans: Annotated[list[Span], Size("spans")]
    os: OS
    clock: Annotated[Time, Racy()]
    mutators: Annotated[list[Mutator], Size("mutators")]
