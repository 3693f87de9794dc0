"""One span: its initial state, where it begins, how it is cut into objects (mheap.go:mspan)."""

from __future__ import annotations

from .parameters import sys
from .structs import Span
from .types import DEAD, Uintptr


def init(span: Span, start: Uintptr, npages: Uintptr) -> None:
    """Make a struct, fresh or reused, describe ``npages`` pages from address ``start``.

    ``sweepgen`` and ``limit`` keep what the struct's former life left in them, as in Go.

    Go: mheap.go:mspan.init
    """
    span.next = None
    span.prev = None
    span.list = None
    span.start_addr = start
    span.npages = npages
    span.alloc_count = 0
    span.sizeclass = 0
    span.incache = False
    span.elemsize = 0
    span.state = DEAD
    span.unusedsince = 0
    span.npreleased = 0
    span.needzero = 0
    span.freeindex = 0


def base(s: Span) -> Uintptr:
    """Address of the first byte.

    Go: mheap.go:mspan.base
    """
    return s.start_addr


def layout(s: Span) -> tuple[Uintptr, Uintptr, Uintptr]:
    """Object size in bytes, number of objects, total size in bytes.

    Go: mheap.go:mspan.layout
    """
    total = s.npages << sys.page_shift
    size = s.elemsize
    n = 0
    if size > 0:
        n = total // size
    return size, n, total


def in_list(s: Span) -> bool:
    """Whether the span is linked into a list.

    Go: mheap.go:mspan.inList
    """
    return s.list is not None
