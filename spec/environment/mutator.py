"""Mutators: each holds a few addresses and allocates or gives up in any order."""

from __future__ import annotations

from spec.language import choose

from ..heap import Heap
from ..parameters import sys
from ..table import lookup
from ..types import STACK, Uintptr
from .client import alloc_large_object, alloc_small_span, drop
from .stacks import stackalloc, stackfree, stackpoolalloc, stackpoolfree
from .state import Mutator
from .sweep import ensure_swept


def mutator(h: Heap, m: Mutator) -> None:
    """A thread that allocates objects, small spans and stacks and gives them up.

    Request 0 gives up what a slot holds; the next ones allocate, by kind and size; the last has a slot's span swept.
    """
    while True:
        request, slot = choose(range(sys.requests), range(sys.held), where=lambda r, i: may_request(h, m, r, i))
        m.inside = True
        if request == 0:
            give_up(h, m, slot)
        elif request < sys.requests - sys.pins:
            v: Uintptr = allocate(h, request)
            if v != 0:
                m.root[empty_slot(m)] = v
        else:
            pin(h, m.root[slot])
        m.inside = False


def may_request(h: Heap, m: Mutator, request: int, slot: int) -> bool:
    """What concerns a slot needs an address there; what allocates needs an empty one. Nothing begins in a stopped world."""
    if h.world.stopped:
        return False
    if request == 0 or request >= sys.requests - sys.pins:
        return m.root[slot] != 0
    return slot == empty_slot(m)


def empty_slot(m: Mutator) -> int:
    """The lowest slot that holds nothing, or the number of slots."""
    for i in range(sys.held):
        if m.root[i] == 0:
            return i
    return sys.held


def allocate(h: Heap, request: Uintptr) -> Uintptr:
    """Requests 1.. are large objects by size, then small spans by size, then large stacks by order, then a pooled stack."""
    if request <= sys.large_pages:
        return alloc_large_object(h, request)
    if request <= sys.large_pages + sys.small_pages:
        return alloc_small_span(h, request - sys.large_pages, 1)
    request -= sys.large_pages + sys.small_pages
    if request <= sys.stack_orders - sys.first_order:
        return stackalloc(h, request + sys.first_order - 1)
    return stackpoolalloc(h)


def give_up(h: Heap, m: Mutator, slot: int) -> None:
    """Give up what a slot holds: drop an object, or free a stack.

    Deviation: the length of its span tells what a stack is, so none with a span of its own is as long as the pool's.
    """
    v: Uintptr = m.root[slot]
    m.root[slot] = 0
    s = lookup(h, v)
    if s is None:
        return
    if s.state != STACK:
        drop(h, s, v)
    elif sys.pool_stacks > 0 and s.npages == sys.pool_pages:
        stackpoolfree(h, v)
    else:
        stackfree(h, v)


def pin(h: Heap, v: Uintptr) -> None:
    """Have the span of an object swept, as adding a finalizer to it does."""
    s = lookup(h, v)
    if s is not None and s.state != STACK:
        ensure_swept(h, s)
