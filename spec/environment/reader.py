"""Readers: threads that look up any address, at any moment, without the lock."""

from __future__ import annotations

from spec.language import choose, ghost

from ..heap import Heap
from ..parameters import sys
from ..table import in_heap_or_stack, inheap, lookup_maybe, span_of
from ..types import NOBODY, Uintptr
from .state import Reader


def reader(h: Heap, r: Reader) -> None:
    """A thread that looks up one address after another: with inheap, inHeapOrStack, lookupMaybe or spanOf."""
    while True:
        how, page = choose(range(4), range(sys.arena_pages))
        begin(h, r, page)
        v: Uintptr = h.arena_start + (page << sys.page_shift)
        look_up(h, r, how, v)
        end(r)


@ghost
def begin(h: Heap, r: Reader, page: int) -> None:
    """The lookup begins while the page is in this use."""
    r.page = page
    r.steady = h.os.user[page]


@ghost
def end(r: Reader) -> None:
    """The lookup is over."""
    r.page = 0
    r.steady = NOBODY


def look_up(h: Heap, r: Reader, how: int, v: Uintptr) -> bool:
    """Look the address up in one of four ways; tells whether something was found."""
    if how == 0:
        return inheap(h, v)
    if how == 1:
        return in_heap_or_stack(h, v)
    if how == 2:
        return lookup_maybe(h, v) is not None
    return span_of(h, v) is not None
