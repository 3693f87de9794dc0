"""P16: what a reader without the lock may conclude from a lookup, at any moment.

A span is initialised when its allocation is complete: the store of ``limit`` is the last that a lookup depends on. The
ghost ``user`` says less: a dead object has no user any more, and is still a "(potentially dead) heap object".
"""

from __future__ import annotations

from spec.language import check, end_of, given, invariant

from ..environment.state import Reader
from ..heap import Heap
from ..parameters import sys
from ..structs import Span
from ..table import in_heap_or_stack, inheap, lookup_maybe, span_of
from ..types import IN_USE, OBJECT, STACK_USER, Uintptr
from .extent import size_of, used_pages


@invariant("P16", "found is an object")
def sound(h: Heap) -> None:
    """Let an address that is found lie in an initialised in-use span."""
    for p in range(used_pages(h)):
        v: Uintptr = h.arena_start + (p << sys.page_shift)
        s = lookup_maybe(h, v)
        check("inheap agrees with lookupMaybe", inheap(h, v) == (s is not None), page=p)
        if s is not None:
            if given(True):
                check("found span in use", s.state == IN_USE, span=s, page=p)
            if given(s.state == IN_USE):
                initialised = s.limit == s.start_addr + size_of(s)
                check("initialised", initialised, span=s, page=p)
                if initialised:
                    check("found address inside the span", contains(s, v), span=s, page=p)


@invariant("P16", "object is found")
def complete(h: Heap) -> None:
    """Let an address in a live object be found as one, and an address in a stack as no object."""
    for p in range(used_pages(h)):
        v: Uintptr = h.arena_start + (p << sys.page_shift)
        if given(h.os.user[p] == OBJECT):
            check("live object found by lookupMaybe", lookup_maybe(h, v) is not None, page=p)
            check("live object in heap", inheap(h, v), page=p)
            check("live object in heap or stack", in_heap_or_stack(h, v), page=p)
            check_span_of(h, v, p)
        elif given(h.os.user[p] == STACK_USER):
            check("stack is no heap object", not inheap(h, v), page=p)
            check("stack not found by lookupMaybe", lookup_maybe(h, v) is None, page=p)
            check("stack in heap or stack", in_heap_or_stack(h, v), page=p)
            check_span_of(h, v, p)


def check_span_of(h: Heap, v: Uintptr, p: int) -> None:
    """Let the span of an address in use contain it."""
    s = span_of(h, v)
    if s is None:
        check("span of a used address", False, page=p)
    else:
        check("span of a used address", contains(s, v), span=s, page=p)


def contains(s: Span, v: Uintptr) -> bool:
    """Whether an address lies in the span."""
    return s.start_addr <= v < s.start_addr + size_of(s)


@end_of("look_up", "P16", "lookup without the lock")
def steady(h: Heap, r: Reader, how: int, result: bool) -> None:
    """Let a lookup tell what the page was all the time, if it was one thing all the time."""
    if given(r.steady == OBJECT):
        check("object found", result, page=r.page, how=how)
    elif given(r.steady == STACK_USER):
        check("stack found as a stack only", result == (how == 1 or how == 3), page=r.page, how=how)
