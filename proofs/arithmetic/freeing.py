"""What giving a span back does to the books, on an arbitrary heap, in the four cases of coalescing.

Nothing is assumed of the heap as a whole. The premises are the invariants of the design, instantiated at the span, at
the table's entries beside it, at the free neighbours found there, and at the lists that are touched.
"""

from __future__ import annotations

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, negation, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import Fields, View
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem
from spec.language import Edit
from spec.types import FREE, IN_USE, STACK

PAGE_SHIFT = 13
PAGE_BITS = 27
POINTER = 8
LISTS = 128
TRUE = z3.BoolVal(True)


class Before:
    """The heap before: the span, its neighbours, and what is true of them.

    The span's first page and the three sizes are variables just wide enough for the arena, and the premises equate
    them with what the heap holds; sums of them stay short, which is what makes the conditions easy.
    """

    def __init__(self, view: View) -> None:
        self.view, self.root = view, view.root
        self.s = word(z3.BitVec("s", 63))
        self.span = view.record("Span", self.s)
        self.page, self.size = unsigned("page", PAGE_BITS), unsigned("npages", PAGE_BITS)
        self.left_size, self.right_size = unsigned("left_npages", PAGE_BITS), unsigned("right_npages", PAGE_BITS)
        self.end = self.page + self.size
        self.left = self.entry(self.page > 0, self.page - 1)
        self.right = self.entry(self.end * POINTER < self.root.spans_mapped, self.end)
        self.has_left, self.has_right = self.is_free(self.left), self.is_free(self.right)
        self.left_span, self.right_span = view.record("Span", self.left), view.record("Span", self.right)

    def entry(self, there: Term, page: Num) -> Num:
        """The table's entry for a page, None where there is no such page."""
        found: Num = self.root.spans[page]
        entry: Num = choice(there, found, num(0))
        return entry

    def is_free(self, number: Num) -> Term:
        """Whether a table entry leads to a free span."""
        return conjunction([number != 0, self.view.record("Span", number).state == FREE])

    def sum(self, field: str) -> Num:
        """A field summed over the span's free neighbours."""
        left, right = getattr(self.left_span, field), getattr(self.right_span, field)
        return choice(self.has_left, left, num(0)) + choice(self.has_right, right, num(0))

    def first(self) -> Num:
        """First page of the merged span."""
        return self.page - choice(self.has_left, self.left_size, num(0))

    def npages(self) -> Num:
        """Pages of the merged span."""
        return self.size + choice(self.has_left, self.left_size, num(0)) + choice(self.has_right, self.right_size, num(0))

    def address(self, page: Num) -> Num:
        """Where a page begins."""
        start: Num = self.root.arena_start
        return start + (page << PAGE_SHIFT)


def list_for(root: Fields, kind: str, npages: Num) -> Num:
    """Number of the list of spans of this length."""
    large: Num = getattr(root, kind + "large").number
    return choice(npages < LISTS, getattr(root, kind)[npages].number, large)


def linked(view: View, number: Num, where: Num) -> Term:
    """A span is linked into a list as lists are: its neighbours and the list's ends lead to it."""
    span, head = view.record("Span", number), view.record("SpanList", where)
    after, before = view.record("Span", span.next), view.record("Span", span.prev)
    return conjunction(
        [
            span.list == where,
            span.next != number,
            span.prev != number,
            z3.If(span.next == 0, head.last == number, conjunction([after.prev == number, after.list == where])),
            z3.If(span.prev == 0, head.first == number, conjunction([before.next == number, before.list == where])),
            disjunction([span.next == 0, span.next != span.prev]),
        ]
    )


def well_formed(b: Before) -> dict[str, Term]:
    """The premises."""
    span, root, view = b.span, b.root, b.view
    alone = conjunction([span.list == 0, span.next == 0, span.prev == 0])
    bytes_ = b.size << PAGE_SHIFT
    target = view.record("SpanList", list_for(root, "free", b.npages()))
    return {
        "s is a span": b.s >= 1,
        "it may be freed": z3.Or(
            conjunction([span.state == IN_USE, span.sweepgen == root.sweepgen, span.alloc_count == 0]),
            conjunction([span.state == STACK, span.alloc_count == 0]),
        ),
        "it begins at a page of the arena": span.start_addr == b.address(b.page),
        "the arena fits the address space": root.arena_start <= 1 << 48,
        "its pages are mapped": conjunction([span.npages == b.size, b.size >= 1, b.end * POINTER <= root.spans_mapped]),
        "the mapped table is inside the reserved one": root.spans_mapped <= REAL["arena_pages"] * POINTER,
        "the table maps its ends to it": conjunction([root.spans[b.page] == b.s, root.spans[b.end - 1] == b.s]),
        "the entries beside it lead to other spans or to none": conjunction([b.left != b.s, b.right != b.s]),
        "it is in no list or in the busy list of its length": z3.Or(alone, linked(view, b.s, list_for(root, "busy", b.size))),
        "a free neighbour on the left is one": z3.Implies(b.has_left, left_neighbour(b)),
        "a free neighbour on the right is one": z3.Implies(b.has_right, right_neighbour(b)),
        "the list for the result has both ends or none": (target.first == 0) == (target.last == 0),
        "and its first span is a first span of that list": z3.Or(
            target.first == 0,
            conjunction(
                [
                    view.record("Span", target.first).list == target.number,
                    view.record("Span", target.first).prev == 0,
                    target.first != b.s,
                ]
            ),
        ),
        "the books hold the span": conjunction(
            [
                root.memstats.heap_inuse >= bytes_,
                root.memstats.heap_idle + bytes_ < 1 << 64,
                root.pages_in_use >= b.size,
            ]
        ),
        "free spans count at most their pages as released": conjunction(
            [z3.Implies(free, n.npreleased <= n.npages) for free, n in _neighbours(b)]
        ),
        "fixalloc has handed the structs out": root.spanalloc.inuse >= 2 * REAL["mspan_size"],
    }


def left_neighbour(b: Before) -> Term:
    """The free span before: it ends where the span begins, is mapped at its first page and is in its list."""
    t, root = b.left_span, b.root
    return conjunction(
        [
            t.npages == b.left_size,
            b.left_size >= 1,
            b.left_size <= b.page,
            t.start_addr == b.address(b.page - b.left_size),
            root.spans[b.page - b.left_size] == b.left,
            linked(b.view, b.left, list_for(root, "free", b.left_size)),
        ]
    )


def right_neighbour(b: Before) -> Term:
    """The free span after: it begins where the span ends, is mapped at its last page and is in its list."""
    t, root = b.right_span, b.root
    return conjunction(
        [
            b.right != b.left,
            t.npages == b.right_size,
            b.right_size >= 1,
            t.start_addr == b.address(b.end),
            (b.end + b.right_size) * POINTER <= root.spans_mapped,
            root.spans[b.end + b.right_size - 1] == b.right,
            linked(b.view, b.right, list_for(root, "free", b.right_size)),
        ]
    )


def statistics(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem for the spec with these edits: on every path that returns, each statistic moves by the span's size."""
    made = program(edits)
    memory = Memory(made.schema)
    b = Before(View(memory))
    inuse, idle, stamp = z3.Bool("acct_inuse"), z3.Bool("acct_idle"), unsigned("unusedsince", 64)
    premises = well_formed(b)
    result = run(
        made,
        typed(made, "free.free_span_locked"),
        {"h": num(1), "s": b.s, "acct_inuse": inuse, "acct_idle": idle, "unusedsince": stamp},
        memory=memory,
    )
    conditions = [Condition(name, TRUE, goal, lemma=True) for name, goal in small(b).items()]
    for path in result.paths:
        conditions += [Condition(name, path.condition(), goal) for name, goal in books(b, path, memory, inuse, idle).items()]
    cases = {
        "no free neighbour": conjunction([negation(b.has_left), negation(b.has_right)]),
        "a free neighbour on the left": conjunction([b.has_left, negation(b.has_right)]),
        "a free neighbour on the right": conjunction([negation(b.has_left), b.has_right]),
        "free neighbours on both sides": conjunction([b.has_left, b.has_right]),
        "some path returns": disjunction([p.condition() for p in result.paths]),
    }
    inputs = {"s": b.s, "npages": b.size, "page": b.page, "left": b.left, "right": b.right}
    return Problem(premises, conditions, cases, memory, inputs)


def small(b: Before) -> dict[str, Term]:
    """That nothing is near the end of a word: proved first, because it makes the sums that follow easy."""
    pages = REAL["arena_pages"]
    return {
        "few pages": conjunction([b.page < pages, b.size <= pages, b.end <= pages]),
        "few pages on the right": z3.Implies(b.has_right, b.end + b.right_size <= pages),
        "few pages in all": b.first() + b.npages() == b.end + choice(b.has_right, b.right_size, num(0)),
        "page number": (b.span.start_addr - b.root.arena_start) >> PAGE_SHIFT == b.page,
    }


def _neighbours(b: Before) -> list[tuple[Term, Fields]]:
    return [(b.has_left, b.left_span), (b.has_right, b.right_span)]


def books(b: Before, path: State, memory: Memory, inuse: Term, idle: Term) -> dict[str, Term]:
    """Each statistic changes by the span's own size, exactly."""
    now, before = View(memory, path.writes).root, b.root
    size, none = b.size << PAGE_SHIFT, num(0)
    return {
        "heap_inuse": now.memstats.heap_inuse == before.memstats.heap_inuse - choice(inuse, size, none),
        "heap_idle": now.memstats.heap_idle == before.memstats.heap_idle + choice(idle, size, none),
        "pages_in_use": now.pages_in_use == before.pages_in_use - choice(b.span.state == IN_USE, b.size, none),
    }
