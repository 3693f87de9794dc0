"""Mutators: each holds a few spans and allocates or frees in any order."""

from __future__ import annotations

from spec.language import choose

from ..heap import Heap
from ..parameters import sys
from ..types import Uintptr
from .client import alloc_large_object, alloc_small_span, alloc_stack_span, give_up
from .state import Mutator


def may_request(m: Mutator, request: int, slot: int) -> bool:
    """Request 0 frees the span in a slot; any other allocates into the lowest empty slot."""
    if request == 0:
        return m.root[slot] is not None
    if m.root[slot] is not None:
        return False
    for i in range(slot):
        if m.root[i] is None:
            return False
    return True


def mutator(h: Heap, m: Mutator) -> None:
    """A thread that allocates large, small and stack spans and gives them up."""
    while True:
        request, slot = choose(range(sys.requests), range(sys.held), where=lambda r, i: may_request(m, r, i))
        if request == 0:
            free_slot(h, m, slot)
        else:
            alloc_slot(h, m, slot, request)


def free_slot(h: Heap, m: Mutator, slot: int) -> None:
    """Give up the span in a slot."""
    s = m.root[slot]
    if s is not None:
        m.root[slot] = None
        give_up(h, s)


def alloc_slot(h: Heap, m: Mutator, slot: int, request: Uintptr) -> None:
    """Fill an empty slot: requests 1.. are large objects, then small spans, then stack spans, each by size."""
    if request <= sys.large_pages:
        m.root[slot] = alloc_large_object(h, request)
    elif request <= sys.large_pages + sys.small_pages:
        m.root[slot] = alloc_small_span(h, request - sys.large_pages, 1)
    else:
        m.root[slot] = alloc_stack_span(h, request - sys.large_pages - sys.small_pages)
