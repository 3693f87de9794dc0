"""The sequential operations of the heap, each with its precondition and its step clauses."""

from __future__ import annotations

from collections.abc import Mapping

import z3

from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation
from proofs.arithmetic.growing import LARGEST
from proofs.heaps import REAL
from proofs.induction.heap import PAGE, WORD, Heap
from proofs.induction.invariant import implies, when
from proofs.induction.operation import After, Operation
from spec.size_classes import CLASS_TO_SIZE
from spec.types import FREE, IN_USE, RELEASED, STACK

ANY_SPAN = 1 << 60
QUANTUM, CHUNK = REAL["grow_pages"], REAL["heap_alloc_chunk"] // PAGE
"""Pages by which the arena grows, and the least growth."""


def _number(name: str, lo: int, hi: int) -> Num:
    return integer(z3.Int(name), lo, hi)


def _between(value: Num, lo: int, hi: int) -> Term:
    return conjunction([value.term >= lo, value.term <= hi])


def _span_argument(memory: Cells) -> dict[str, Value]:
    return {"s": _number("s", 1, ANY_SPAN)}


def _may_be_freed(h: Heap, s: Num, state: int) -> dict[str, Term]:
    span = h.span(s)
    return {
        "s is a number": _between(s, 1, ANY_SPAN),
        "s is live": h.is_live(s),
        "s is in use by the caller": conjunction([span.state == state, span.alloc_count == 0]),
    }


_PLACE = ("state", "npages", "start_addr", "list", "next", "prev", "unusedsince")


def _others(after: After, *mine: Num) -> dict[str, Term]:
    """Spans of other users stay as they are."""
    before, now = after.before, after.heap
    s = after.span
    other = conjunction([before.is_live(s), before.span(s).state != FREE, *(negation(s == m) for m in mine)])
    kept = ["state", "npages", "start_addr", "sweepgen", "alloc_count", "sizeclass", "needzero", "elemsize", "list"]
    same = [getattr(now.span(s), f) == getattr(before.span(s), f) for f in kept]
    return {"spans of others stay as they are": implies(other, conjunction(same))}


def _stamped(after: After, p: Num, stamp: Num) -> Term:
    """The free span that now has a page is stamped."""
    return after.heap.span(after.heap.owner(p)).unusedsince == stamp


def _alloc_arguments(memory: Cells) -> dict[str, Value]:
    return {"npage": _number("npage", 1, LARGEST)}


def _alloc_m_arguments(memory: Cells) -> dict[str, Value]:
    sizeclass = _number("sizeclass", 0, len(CLASS_TO_SIZE) - 1)
    return {**_alloc_arguments(memory), "sizeclass": sizeclass, "large": z3.Bool("large")}


def _request(h: Heap, args: Mapping[str, Value]) -> dict[str, Term]:
    out = {"a page at least, and not more than can be counted in bytes": _between(args["npage"], 1, LARGEST)}
    if "sizeclass" in args:
        out["a size class"] = _between(args["sizeclass"], 0, len(CLASS_TO_SIZE) - 1)
    return out


def _handed_out(after: After, state: int) -> dict[str, Term]:
    """What is true of a span that was handed out."""
    s, now, before = after.result, after.heap, after.before
    span, p = now.span(s), after.page
    given = s != 0
    mine = now.owner(p) == s
    former = before.owner(p)
    return {
        **_others(after),
        "the span is what was asked for": implies(
            given,
            conjunction([now.is_live(s), span.state == state, span.npages == after.args["npage"], span.alloc_count == 0]),
        ),
        "its pages were nobody's": implies(
            conjunction([given, mine]), disjunction([former == 0, before.span(former).state == FREE])
        ),
        "nothing was counted twice": when(
            given,
            now.total("in_use") + now.total("stack") == before.total("in_use") + before.total("stack") + after.args["npage"],
            now.total("in_use") + now.total("stack") == before.total("in_use") + before.total("stack"),
        ),
        "the generation of the heap stays": now.root.sweepgen == before.root.sweepgen,
    }


def _alloc_m_ensures(after: After) -> dict[str, Term]:
    s, now, args = after.result, after.heap, after.args
    span, large = now.span(s), args["large"]
    sizes = z3.IntVal(CLASS_TO_SIZE[-1])
    for k in range(len(CLASS_TO_SIZE) - 2, 0, -1):
        sizes = z3.If(args["sizeclass"].term == k, z3.IntVal(CLASS_TO_SIZE[k]), sizes)
    given = s != 0
    objects = after.before.root.memstats.heap_objects
    return {
        **_handed_out(after, IN_USE),
        "it is swept": implies(given, span.sweepgen == now.root.sweepgen),
        "it has its size class": implies(
            given,
            conjunction(
                [
                    span.sizeclass == args["sizeclass"],
                    when(args["sizeclass"] == 0, span.elemsize == span.npages * PAGE, span.elemsize.term == sizes),
                ]
            ),
        ),
        "a large object's span is in its busy list, at the end": implies(
            given, when(large, conjunction([span.list == now.busy_list(span.npages), span.next == 0]), span.list == 0)
        ),
        "large objects are counted": when(
            conjunction([given, large]),
            _one_more(now.root.memstats.heap_objects, objects),
            now.root.memstats.heap_objects == objects,
        ),
    }


def _one_more(now: Num, before: Num) -> Term:
    """A word is one more than another."""
    return disjunction([now == before + 1, conjunction([before == WORD - 1, now == 0])])


def _alloc_ensures(after: After) -> dict[str, Term]:
    s, now = after.result, after.heap
    given, span = s != 0, now.span(s)
    mine = now.owner(after.page) == s
    return {
        **_alloc_m_ensures(after),
        "needzero is cleared": implies(given, span.needzero == 0),
        "P12 zeros are handed out where asked for": implies(
            conjunction([given, mine, after.args["needzero"]]), negation(now.root.os.dirty[after.page])
        ),
    }


def _stack_ensures(after: After) -> dict[str, Term]:
    return {
        **_handed_out(after, STACK),
        "it has no stacks yet": implies(after.result != 0, after.heap.span(after.result).stackfreelist == 0),
    }


def _free_ensures(after: After) -> dict[str, Term]:
    s, p = after.args["s"], after.page
    was = after.before.owner(p) == s
    now = after.heap
    return {
        **_others(after, s),
        "its pages are free": implies(was, conjunction([now.owner(p) != 0, now.is_free(now.owner(p))])),
        "the time is noted": implies(was, _stamped(after, p, after.before.root.clock)),
    }


def _free_span_ensures(after: After) -> dict[str, Term]:
    objects, now = after.before.root.memstats.heap_objects, after.heap.root.memstats.heap_objects
    return {
        **_free_ensures(after),
        "large objects are counted": when(after.args["acct"], _one_more(objects, now), now == objects),
    }


def _grow_ensures(after: After) -> dict[str, Term]:
    now, before = after.heap, after.before
    used, former = now.used, before.used
    assert former is not None
    if used is None:
        return {"the arena grows by whole pages": z3.BoolVal(False)}
    newest = now.owner(used - 1)
    grown = conjunction(
        [now.is_free(newest), now.span(newest).npages >= after.args["npage"], used - former >= after.args["npage"]]
    )
    npage, room, grew = after.args["npage"], before.end, used - former
    assert room is not None
    rounded = integer((npage.term + (QUANTUM - 1)) / QUANTUM, 1, LARGEST) * QUANTUM
    as_wanted = when(npage <= CHUNK - QUANTUM, grew == CHUNK, grew == rounded)
    return {
        **_others(after),
        "it grew by what was asked for, or not at all": when(after.result, grown, used == former),
        "by whole quanta, 1 MB at least, or where that does not fit by what was asked for": implies(
            after.result, disjunction([as_wanted, conjunction([grew == rounded, room - former < CHUNK])])
        ),
        "it fails only if what was asked for does not fit": disjunction([after.result, room - former < rounded]),
        "the new span is stamped": implies(after.result, now.span(newest).unusedsince == before.root.clock),
    }


def _scavenge_ensures(after: After) -> dict[str, Term]:
    s, now, before = after.args["s"], after.heap, after.before
    span, was = now.span(s), before.span(s)
    first = before.first(s)
    assert first is not None
    whole = after.whole(before, first, was.npages)
    begin, end = after.whole.ends(before, first, was.npages)
    p, os = after.page, now.root.os
    age = after.args["now"] - was.unusedsince
    old = when(age >= 0, age > after.args["limit"], age + WORD > after.args["limit"])
    same = conjunction([span.npreleased == was.npreleased, after.result == 0])
    return {
        **_others(after),
        "P10 an old span's whole physical pages are released, and P11 a young one's are not": when(
            conjunction([old, whole > was.npreleased]), span.npreleased == whole, same
        ),
        "P10 they are really released": implies(
            conjunction([old, whole > was.npreleased, begin <= p, p < end]), os.page[p] == RELEASED
        ),
        "P9 no page outside them is": implies(disjunction([p < begin, p >= end]), os.page[p] == before.root.os.page[p]),
        "the result is what was newly released": after.result == (span.npreleased - was.npreleased) * PAGE,
        "the span stays where it is": conjunction(
            [
                getattr(span, f) == getattr(was, f)
                for f in ("state", "npages", "start_addr", "list", "next", "prev", "unusedsince")
            ]
        ),
    }


ALLOC_M = Operation("alloc.alloc_m", "mheap.go:mheap.alloc_m", _alloc_m_arguments, _request, _alloc_m_ensures)
ALLOC = Operation(
    "alloc.alloc",
    "mheap.go:mheap.alloc",
    lambda memory: {**_alloc_m_arguments(memory), "needzero": z3.Bool("needzero")},
    _request,
    _alloc_ensures,
)
ALLOC_STACK = Operation("alloc.alloc_stack", "mheap.go:mheap.allocStack", _alloc_arguments, _request, _stack_ensures)
GROW = Operation("grow.grow", "mheap.go:mheap.grow", _alloc_arguments, _request, _grow_ensures)
FREE_SPAN = Operation(
    "free.free_span",
    "mheap.go:mheap.freeSpan",
    lambda memory: {**_span_argument(memory), "acct": z3.Bool("acct")},
    lambda h, args: {
        **_may_be_freed(h, args["s"], IN_USE),
        "s is swept": h.span(args["s"]).sweepgen == h.root.sweepgen,
        "the sweeper has marked s dirty": h.span(args["s"]).needzero == 1,
    },
    _free_span_ensures,
    lambda args: [args["s"]],
)
FREE_STACK = Operation(
    "free.free_stack",
    "mheap.go:mheap.freeStack",
    _span_argument,
    lambda h, args: {**_may_be_freed(h, args["s"], STACK), "s is in no list": h.span(args["s"]).list == 0},
    _free_ensures,
    lambda args: [args["s"]],
)
SCAVENGE_SPAN = Operation(
    "scavenge.scavenge_span",
    "mheap.go:scavengelist",
    lambda memory: {
        **_span_argument(memory),
        "now": _number("now", 0, WORD - 1),
        "limit": _number("limit", 0, WORD - 1),
    },
    lambda h, args: {
        "s is a number": _between(args["s"], 1, ANY_SPAN),
        "s is free": h.is_free(args["s"]),
        "the clock is a word": conjunction([_between(args["now"], 0, WORD - 1), _between(args["limit"], 0, WORD - 1)]),
    },
    _scavenge_ensures,
    lambda args: [args["s"]],
    "split",
)
OPERATIONS = (ALLOC_M, ALLOC, ALLOC_STACK, GROW, FREE_SPAN, FREE_STACK, SCAVENGE_SPAN)
