"""The allocator of span structs: freed structs come back last in, first out, and keep what they held."""

from __future__ import annotations

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..table import recordspan


def fixalloc_alloc(h: Heap) -> Span:
    """Hand out a struct: the one freed last, else one never used, which is recorded in allspans.

    Go: mfixalloc.go:fixalloc.alloc
    """
    s = h.spanalloc.list
    if s is not None:
        h.spanalloc.list = s.next
        h.spanalloc.inuse += sys.mspan_size
        return s
    fresh = h.mspans[h.nspan]
    recordspan(h, fresh)
    h.spanalloc.inuse += sys.mspan_size
    return fresh


def fixalloc_free(h: Heap, s: Span) -> None:
    """Take a struct back; its first word becomes the link.

    Go: mfixalloc.go:fixalloc.free
    """
    h.spanalloc.inuse -= sys.mspan_size
    s.next = h.spanalloc.list
    h.spanalloc.list = s
