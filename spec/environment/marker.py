"""Marking: the marker reads a pointer in one step and looks it up, without the lock, in later ones (mgcmark.go, mbitmap.go)."""

from __future__ import annotations

from spec.language import step, throw_if

from ..heap import Heap
from ..parameters import sys
from ..span import base
from ..structs import Span
from ..table import page_index
from ..types import IN_USE, STACK, Uintptr


def mark_from(h: Heap, i: int, slot: int) -> None:
    """Read one root, and mark the object that it points to.

    Go: mgcmark.go:greyobject
    """
    v: Uintptr = h.mutators[i].root[slot]
    step()
    s = heap_bits_for_object(h, v)
    if s is not None:
        s.marked = True


def mark_all(h: Heap) -> None:
    """Mark from every root, with the world stopped."""
    for i in range(sys.mutators):
        for j in range(sys.held):
            v = h.mutators[i].root[j]
            if v != 0:
                s = heap_bits_for_object(h, v)
                if s is not None:
                    s.marked = True


def heap_bits_for_object(h: Heap, p: Uintptr) -> Span | None:
    """The span of the object at an address, None for a stack; throws if the address is in neither.

    Go: mbitmap.go:heapBitsForObject
    """
    if p < h.arena_start or p >= h.arena_used:
        return None  # outside the arena
    s = h.spans[page_index(h, p)]
    if s is None:
        return None  # no span was ever there
    state = s.state
    if state == IN_USE and base(s) <= p < s.limit:
        return s
    throw_if(state != STACK, "found bad pointer in Go heap")
    return None
