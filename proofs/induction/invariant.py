"""The invariant, clause by clause.

Each function gives the clauses for one span, page, list or place in the allocator's stack. Before an operation
they are assumed of every one; after it they are to be shown of one that may be any.
"""

from __future__ import annotations

import z3

from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, num
from proofs.induction.heap import ADDRESS_PAGES, ARENA_PAGES, GENERATIONS, MSPAN, PAGE, POINTER, Heap, Whole
from spec.types import DEAD, FREE, IN_USE, MAPPED, RELEASED, STACK

Clauses = dict[str, Term]

NEVER = z3.BoolVal(False)


def implies(condition: Term, conclusion: Term) -> Term:
    """The implication, with constants folded."""
    return disjunction([negation(condition), conclusion])


def when(condition: Term, then: Term, other: Term) -> Term:
    """One of two statements."""
    return conjunction([implies(condition, then), implies(negation(condition), other)])


def of_heap(h: Heap) -> Clauses:
    """What holds of the heap as a whole."""
    root, stats, used, end = h.root, h.root.memstats, h.used, h.end
    if used is None or end is None:
        return {"the arena is whole pages": NEVER}
    total, span_table = h.total, used * POINTER
    return {
        "the arena begins where it began": root.arena_start == h.arena * PAGE,
        "the arena in use is inside the reserved one": conjunction([used >= 0, used <= end, end <= ARENA_PAGES]),
        "addresses are words": h.arena + end <= ADDRESS_PAGES,
        "the table is mapped for the arena in use": root.spans_mapped >= span_table,
        "heap_sys": stats.heap_sys == used * PAGE,
        "heap_idle": stats.heap_idle == total("free") * PAGE,
        "heap_inuse": stats.heap_inuse == (total("in_use") + total("stack")) * PAGE,
        "idle and in use make the whole": total("free") + total("in_use") + total("stack") == used,
        "stacks_inuse": stats.stacks_inuse == total("stack") * PAGE,
        "pages_in_use": root.pages_in_use == total("in_use"),
        "heap_released": stats.heap_released == total("released") * PAGE,
        "structs handed out": root.spanalloc.inuse == total("live") * MSPAN,
        "the allocator's list": root.spanalloc.list == h.memory.select(_dead(h) == 0, num(0), h.ghost("at", _dead(h))),
        "dead structs are counted": _dead(h) >= 0,
    }


def of_span(h: Heap, s: Num, whole: Whole) -> Clauses:
    """What holds of one span."""
    span, first, used = h.span(s), h.first(s), h.used
    live, free = h.is_live(s), h.is_free(s)
    busy = conjunction([live, span.state != FREE])
    if first is None or used is None:
        return {"a span begins at a page": NEVER}
    last = first + span.npages - 1
    unlinked = conjunction([span.next == 0, span.prev == 0])
    list_of_free, list_of_busy = h.free_list(span.npages), h.busy_list(span.npages)
    return {
        "a live span has pages of the arena in use": implies(live, conjunction([span.npages >= 1, first >= 0, last < used])),
        "P1 endpoints": implies(free, conjunction([h.root.spans[first] == s, h.root.spans[last] == s])),
        "P5 a free span is in the list of its length": implies(free, span.list == list_of_free),
        "P5 an in-use span is in no list or the busy list of its length": implies(
            conjunction([live, span.state == IN_USE]), disjunction([span.list == 0, span.list == list_of_busy])
        ),
        "P5 a stack is in no list of the heap": implies(
            conjunction([live, span.state == STACK]), negation(h.is_heap_list(span.list))
        ),
        "P5 a dead struct is in no list": implies(
            conjunction([h.is_struct(s), span.state == DEAD]), conjunction([span.list == 0, span.prev == 0])
        ),
        "P5 only live spans are in lists of the heap": implies(h.is_heap_list(span.list), live),
        "a live span outside all lists has no links": implies(conjunction([live, span.list == 0]), unlinked),
        "P8 counted as released are whole physical pages": implies(
            free, conjunction([span.npreleased >= 0, span.npreleased <= whole(h, first, span.npages)])
        ),
        "P8 no page in use is counted as released": implies(busy, span.npreleased == 0),
        "needzero is a flag": implies(live, span.needzero <= 1),
        "unusedsince is set for free spans alone": implies(live, when(free, span.unusedsince >= 1, span.unusedsince == 0)),
        "P13 generations of spans in use": implies(
            conjunction([live, span.state == IN_USE]), _is_generation(span.sweepgen, h.root.sweepgen)
        ),
        "P24 a dead struct has its place": implies(conjunction([h.is_struct(s), span.state == DEAD]), _placed(h, s)),
    }


def of_links(h: Heap, s: Num) -> Clauses:
    """That a linked span's neighbours, or the ends of the list, lead to it; lists have no cycles."""
    span = h.span(s)
    head = h.head(span.list)
    linked = conjunction([h.is_live(s), h.is_heap_list(span.list)])

    def beside(neighbour: Num, end: Value, back: Value, order: Term) -> Term:
        there = h.span(neighbour)
        meets = conjunction([h.is_live(neighbour), there.list == span.list, back == s, order])
        return implies(linked, when(neighbour == 0, end == s, meets))

    position = h.position(s)
    return {
        "P5 next": beside(span.next, head.last, h.span(span.next).prev, h.position(span.next) > position),
        "P5 prev": beside(span.prev, head.first, h.span(span.prev).next, h.position(span.prev) < position),
    }


def of_list(h: Heap, number: Num) -> Clauses:
    """That a list's ends are in it."""
    head = h.head(number)
    listed = h.is_heap_list(number)

    def end(s: Num, beyond: Value) -> Term:
        return implies(conjunction([listed, s != 0]), conjunction([h.is_live(s), h.span(s).list == number, beyond == 0]))

    return {
        "P5 first": end(head.first, h.span(head.first).prev),
        "P5 last": end(head.last, h.span(head.last).next),
        "P5 a list has both ends or none": implies(listed, (head.first == 0) == (head.last == 0)),
    }


def of_page(h: Heap, p: Num) -> Clauses:
    """What holds of one page and its successor."""
    owner, entry, used = h.owner(p), h.root.spans[p], h.used
    if used is None:
        return {"the arena is whole pages": NEVER}
    owned = owner != 0
    span, following = h.span(owner), h.owner(p + 1)
    state, os = span.state, h.root.os
    clean = conjunction([state == FREE, span.needzero == 0])
    intact = disjunction([state != FREE, span.npreleased == 0])
    return {
        "P4 the pages in use have owners": implies(conjunction([p >= 0, p < used]), owned),
        "P4 an owner holds its page": implies(owned, h.holds(owner, p)),
        "a page without owner maps to nothing": implies(conjunction([p >= 0, negation(owned)]), entry == 0),
        "the table leads to structs": implies(p >= 0, disjunction([entry == 0, h.is_struct(entry)])),
        "P2 interior": implies(conjunction([owned, state != FREE]), entry == owner),
        "P3 coalesced": implies(
            conjunction([owned, following != 0, following != owner]),
            disjunction([state != FREE, h.span(following).state != FREE]),
        ),
        "P12 free pages without needzero are zero": implies(conjunction([owned, clean]), negation(os.dirty[p])),
        "P12 pages beyond the arena in use are zero": implies(p >= used, negation(os.dirty[p])),
        "P8 a span that counts all its pages as released has none": implies(
            conjunction([owned, state == FREE, span.npreleased == span.npages]), os.page[p] == RELEASED
        ),
        "released pages are zero": implies(os.page[p] == RELEASED, negation(os.dirty[p])),
        "P8 pages are mapped unless their span counts released ones": implies(
            conjunction([owned, intact]), os.page[p] == MAPPED
        ),
    }


def of_page_and_span(h: Heap, s: Num, p: Num) -> Clauses:
    """That a page which a live span holds is its own: spans are disjoint."""
    return {"P4 a page has one span": implies(h.holds(s, p), h.owner(p) == s)}


def of_place(h: Heap, k: Num) -> Clauses:
    """What holds of one place in the allocator's stack of dead structs."""
    s = h.ghost("at", k)
    inside = conjunction([k >= 1, k <= _dead(h)])
    return {
        "P24 the allocator holds dead structs": implies(
            inside, conjunction([h.is_struct(s), h.span(s).state == DEAD, h.ghost("depth", s) == k])
        )
    }


def _dead(h: Heap) -> Num:
    return h.ghost("dead", num(0))


def _placed(h: Heap, s: Num) -> Term:
    """A dead struct stands in the stack, and its first word leads to the one below."""
    depth = h.ghost("depth", s)
    below = h.memory.select(depth == 1, num(0), h.ghost("at", depth - 1))
    return conjunction([depth >= 1, depth <= _dead(h), h.ghost("at", depth) == s, h.span(s).next == below])


def _is_generation(gen: Num, now: Num) -> Term:
    """``gen`` is the present generation or one of the two before, by unsigned arithmetic."""
    back = [conjunction([gen == now - k]) for k in range(3)]
    around = [conjunction([now < k, gen == now + (GENERATIONS - k)]) for k in range(1, 3)]
    return disjunction([*back, *around])
