"""The heap takes a span that readers can see through in use, or stack, to free while a collection is under way."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..types import IN_USE, STACK


def explains_split(h: Heap, span: Span, was: int) -> bool:
    """A stack span no page of which anybody was given during the collection: both halves of a split pass through Stack."""
    return was == STACK and not is_handed_out(h, span)


def explains_growth(h: Heap, span: Span, was: int) -> bool:
    """A span in use no page of which anybody was given during the collection: new memory is born in use, and freed."""
    return was == IN_USE and not is_handed_out(h, span)


def is_handed_out(h: Heap, span: Span) -> bool:
    """Whether a page of the span was in somebody's hands at some time during the collection."""
    first = (span.start_addr - h.arena_start) >> sys.page_shift
    for p in range(first, first + span.npages):
        if h.os.handed[p]:
            return True
    return False


SPLIT = Finding(
    id="F6",
    title="a split takes both halves through Stack back to Free during a collection",
    property="P15",
    clause="not to free",
    explains=explains_split,
    scenario="stacks",
    depth=40,
    atomicity="fine",
    reason=(
        "allocSpanLocked marks both halves Stack so that they do not coalesce. A reader needs an address in them to look, and "
        "nobody has been given one since the collection began; it would see Stack for a moment and ignore the address."
    ),
)

GROWTH = Finding(
    id="F7",
    title="growth frees a span in use during a collection",
    property="P15",
    clause="not to free",
    explains=explains_growth,
    scenario="stacks",
    depth=29,
    atomicity="fine",
    reason=(
        "grow makes new memory an in-use span and frees it, for the coalescing. Nobody can hold an address in memory that was "
        "not in the arena a moment ago; its limit may be that of the struct's former life (F2)."
    ),
)
