"""How a span is cut into objects, for every length and object size that the heap has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, choice, conjunction, negation, num, unsigned, word
from checker.symbolic.view import View
from proofs.arithmetic.executing import complete
from proofs.arithmetic.plain_heap import PAGE, WORD, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.size_classes import CLASS_TO_PAGES, CLASS_TO_SIZE

SHIFT = REAL["page_shift"]
PAGES_BITS = max(CLASS_TO_PAGES).bit_length()
"""Spans of small objects have fewer than 2 to this pages."""

ASSUMES = (
    "an object size is one of the 66 size classes, in a span of fewer than 16 pages, or the whole span's size, or not yet set",
    "pages of 8192 bytes, words of 64 bits",
)


def layouts(edits: tuple[Edit, ...] = (), *, beyond: bool = False) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    edits : tuple of Edit
    beyond : bool
        Let the span have one page more than fit a machine word in bytes, and ask of the total alone.
    """
    made = program(edits)
    memory = Memory(made.schema)
    s, few = word(z3.BitVec("s", 63)), unsigned("few", PAGES_BITS)
    span = View(memory).record("Span", s)
    result = run(made, typed(made, "span.layout"), {"s": s}, memory=memory)
    npages, elemsize = span.npages, span.elemsize
    demanded = [Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), negation(t.condition)) for t in result.troubles]
    demanded.append(complete(result.paths, result.troubles))
    for path in result.paths:
        size, n, total = path.result
        here = path.condition()
        demanded += [
            Condition("the total is a machine word", here, total < WORD),
            Condition("the total is all pages", here, total == npages << SHIFT),
            Condition("the size is the object's", here, size == elemsize),
            Condition("no objects without a size", conjunction([here, elemsize == 0]), n == 0),
            Condition(
                "one large object", conjunction([here, elemsize == npages << SHIFT]), n == choice(elemsize != 0, num(1), num(0))
            ),
        ]
        for i, c in enumerate(CLASS_TO_SIZE[1:], 1):
            when = conjunction([here, elemsize == c, npages == few])
            demanded.append(Condition(f"as many objects as fit, class {i}", when, _fits(n, num(c), few << SHIFT)))
    most = 1 << 64 - SHIFT
    bound = {"its bytes are at most 2^64": npages <= most} if beyond else {"its bytes are a machine word": npages < most}
    return Problem(
        premises={"s is a span": s >= 1} | bound,
        conditions=[c for c in demanded if not beyond or c.name == "the total is a machine word"],
        possible={
            "a large object": conjunction([npages == 1 << 20, elemsize == npages << SHIFT]),
            "the longest span of small objects": conjunction([npages == few, few == max(CLASS_TO_PAGES), elemsize == 8]),
        },
        memory=memory,
        inputs={"npages": npages, "elemsize": elemsize},
        smallest=("npages", "elemsize"),
        replay=partial(replay, edits),
    )


def _fits(n: Num, size: Num, total: Num) -> Term:
    """``n`` objects fit, and no more."""
    return conjunction([n * size <= total, total < (n + 1) * size])


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Ask the plain heap; the control is a span of one page less."""
    broken, text = _asked(edits, values["npages"], values["elemsize"])
    control, other = _asked(edits, values["npages"] - 1, values["elemsize"])
    return Replay(broken, control, f"{text}; with one page less, {other}")


def _asked(edits: tuple[Edit, ...], npages: int, elemsize: int) -> tuple[frozenset[str], str]:
    heap = PlainHeap(edits, spans=1)
    s = heap.spans[0]
    s.npages, s.elemsize = npages, elemsize
    _, n, total = heap.call("span.layout", s)
    broken = frozenset() if total < WORD and total == npages * PAGE else frozenset({"the total is a machine word"})
    return broken, f"the plain heap's layout says {n} objects in {total} bytes"
