"""Lists of spans (mheap.go:mSpanList)."""

from __future__ import annotations

from spec.language import throw_if

from .structs import Span, SpanList


def init(spans: SpanList) -> None:
    """Make the list empty.

    Go: mheap.go:mSpanList.init
    """
    spans.first = None
    spans.last = None


def remove(spans: SpanList, s: Span) -> None:
    """Unlink a span from the list that it is in.

    Go: mheap.go:mSpanList.remove
    """
    throw_if(s.list is not spans, "MSpanList_Remove")
    if s.next is not None:
        s.next.prev = s.prev
    else:
        spans.last = s.prev
    if s.prev is not None:
        s.prev.next = s.next
    else:
        spans.first = s.next
    s.next = None
    s.prev = None
    s.list = None


def is_empty(spans: SpanList) -> bool:
    """Whether the list holds no span.

    Go: mheap.go:mSpanList.isEmpty
    """
    return spans.first is None


def insert(spans: SpanList, s: Span) -> None:
    """Put an unlinked span at the front.

    Go: mheap.go:mSpanList.insert
    """
    throw_if(s.next is not None or s.prev is not None or s.list is not None, "MSpanList_Insert")
    s.next = spans.first
    if spans.first is not None:
        spans.first.prev = s
    else:
        spans.last = s
    spans.first = s
    s.list = spans


def insert_back(spans: SpanList, s: Span) -> None:
    """Put an unlinked span at the back.

    Go: mheap.go:mSpanList.insertBack
    """
    throw_if(s.next is not None or s.prev is not None or s.list is not None, "MSpanList_InsertBack")
    s.prev = spans.last
    if spans.last is not None:
        spans.last.next = s
    else:
        spans.first = s
    spans.last = s
    s.list = spans
