"""Where a span lies, in pages: the arithmetic of the properties, independent of the heap's own."""

from __future__ import annotations

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import ABSENT, DEAD


def used_pages(h: Heap) -> int:
    """The number of pages of the arena in use, never more than are reserved."""
    return min((h.arena_used - h.arena_start) >> sys.page_shift, sys.arena_pages)


def first_page(h: Heap, s: Span) -> int:
    """The number of the span's first page, counted from the arena's start."""
    return (s.start_addr - h.arena_start) >> sys.page_shift


def end_page(h: Heap, s: Span) -> int:
    """The number of the page after the span's last."""
    return first_page(h, s) + s.npages


def is_live(s: Span) -> bool:
    """Whether the struct stands for memory."""
    return s.state != DEAD


def is_inside(h: Heap, s: Span) -> bool:
    """Whether the span has pages and all are of the arena in use; P4 demands it, the others rely on it."""
    return s.npages > 0 and s.start_addr >= h.arena_start and end_page(h, s) <= used_pages(h)


def in_table(h: Heap, s: Span) -> bool:
    """Whether the table leads to the struct, so that a reader without the lock can find it."""
    for p in range(sys.table_size):
        if h.spans[p] is s:
            return True
    return False


def is_known(h: Heap, s: Span) -> bool:
    """Whether the struct has become a span that somebody can find: through the table, or in the collector's copy.

    A struct that was never used is zero, which reads as in use; it is on the array of all spans before it is initialised.
    """
    return s.visit != ABSENT or in_table(h, s)


def size_of(s: Span) -> int:
    """The span's length in bytes, as an exact number."""
    return s.npages << sys.page_shift
