"""The 16 bits of a special's offset: which spans they are enough for, and which records they confuse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from checker.symbolic.memory import Memory
from checker.symbolic.number import conjunction, disjunction, negation, num, unsigned
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone
from proofs.arithmetic.plain_heap import WORD
from proofs.arithmetic.plain_objects import OBJECTS, PlainPart, part
from proofs.arithmetic.sequences import sequence, untroubled
from proofs.heaps import REAL, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.size_classes import CLASS_TO_PAGES, CLASS_TO_SIZE

SHIFT = REAL["page_shift"]
SMALLEST_TOO_LONG = 9
"""Pages of the shortest span in which an offset does not fit 16 bits."""

ASSUMES = ("the span's lock is held and the span is swept; its list holds one record at most",)
KEEPS, TWO, ONCE, FOUND = (
    "the offset is kept",
    "two addresses have two records",
    "one address has one record",
    "the record is found again",
)


def offsets(
    edits: tuple[Edit, ...] = (),
    *,
    pages: int = SMALLEST_TOO_LONG - 1,
    bases: bool = False,
    only: tuple[str, ...] = (),
) -> Problem:
    """The problem for the spec with these edits: a record about ``p``, one of the same kind about ``q``, then ``q``'s removed.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    pages : int
        In the span at most.
    bases : bool
        Speak of spans of a size class and of addresses where their objects begin, instead of all in a span of so many pages.
    only : tuple of str
        The conditions to keep; all by default.
    """
    made = part(OBJECTS, edits)
    memory = Memory(made.schema)
    view = View(memory)
    span, (first, second) = view.root.span, (view.root.records[num(i)] for i in range(2))
    start, npages, kind = span.start_addr, span.npages, first.kind
    p, q = unsigned("p offset", 64), unsigned("q offset", 64)
    size, of_p, of_q = unsigned("size", 16), unsigned("object of p", 11), unsigned("object of q", 11)
    legal = [
        conjunction([size == c, npages == n, of_p <= (n << SHIFT) // c - 1, of_q <= (n << SHIFT) // c - 1])
        for c, n in zip(CLASS_TO_SIZE[1:], CLASS_TO_PAGES[1:], strict=True)
    ]
    begins = conjunction([disjunction(legal), p == of_p * size, q == of_q * size])
    premises = {
        "the span is memory": conjunction([npages >= 1, npages <= 1 << 20, start <= WORD - (1 << 40)]),
        "the addresses are in the span": conjunction([p < npages << SHIFT, q < npages << SHIFT]),
        "the records are finalizers, or both profiles": conjunction([second.kind == kind, kind >= 1, kind <= 2]),
        "there is no record yet": span.specials == 0,
        **({"objects of a class begin there": begins} if bases else {f"at most {pages} pages": npages <= pages}),
    }
    executor = Alone(made, memory, premises=list(premises.values()))
    calls = [
        (typed(made, "specials.addspecial"), {"span": num(1), "p": start + p, "s": num(1)}),
        (typed(made, "specials.addspecial"), {"span": num(1), "p": start + q, "s": num(2)}),
        (typed(made, "specials.removespecial"), {"span": num(1), "p": start + q, "kind": kind}),
    ]
    demanded = []
    for path, (_, added, removed) in sequence(executor, calls):
        offset = View(memory, path.writes).record("Special", num(1)).offset
        goals = {
            KEEPS: offset == p,
            TWO: disjunction([p == q, added]),
            ONCE: disjunction([p != q, negation(added)]),
            FOUND: removed != 0,
        }
        demanded += [Condition(name, path.condition(), goal) for name, goal in goals.items()]
    return Problem(
        premises=premises,
        conditions=[c for c in (*untroubled(executor), *demanded) if not only or c.name in only],
        possible={"two addresses": p != q, "the longest span": npages == (max(CLASS_TO_PAGES) if bases else pages)},
        memory=memory,
        inputs={"npages": npages, "p": p, "q": q, "kind": kind},
        smallest=("npages", "p", "q", "kind"),
        replay=partial(replay, edits),
    )


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Add the records on the plain span; the control has both addresses in its first eight pages."""
    broken, text = _added(edits, values)
    near = {**values, **{name: values[name] % (1 << 16) // 2 + (name == "q") for name in ("p", "q")}}
    control, other = _added((), near)
    return Replay(broken, control, f"{text}; at {near['p']} and {near['q']} instead, {other}")


def _added(edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when records about both addresses are added."""
    plain, kind = PlainPart(OBJECTS, edits), values["kind"]
    span, start = plain.root.span, REAL["arena_start"]
    span.start_addr, span.npages = start, values["npages"]
    one, other = plain.root.records[0], plain.root.records[1]
    one.kind = other.kind = kind
    p, q = start + values["p"], start + values["q"]
    plain.call("specials.addspecial", span, p, one)
    added = plain.call("specials.addspecial", span, q, other)
    removed = plain.call("specials.removespecial", span, q, kind)
    wrong = {KEEPS: one.offset != p - start, TWO: p != q and not added, ONCE: p == q and added, FOUND: removed is None}
    text = f"the record about offset {p - start} has {one.offset}, one about {q - start} is {'added' if added else 'refused'}"
    found = "found again" if removed is not None else "not found again"
    return frozenset(name for name, bad in wrong.items() if bad), f"{text} and {found}"
