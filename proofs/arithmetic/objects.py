"""mlookup's interior arithmetic: from an address in a span to the object that it points into, for every address and class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import z3

from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.memory import Memory, Write
from checker.symbolic.number import Num, Term, conjunction, disjunction, num, unsigned, word
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone, returning
from proofs.arithmetic.plain_heap import PAGE, WORD, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.size_classes import CLASS_TO_PAGES, CLASS_TO_SIZE
from spec.types import IN_USE

WASTEFUL = 4
"""The first class whose objects do not fill their page: 170 of 48 bytes, and 32 bytes of waste."""

SPAN = num(1)

MOST_PAGES = REAL["arena_pages"]
ASSUMES = (
    "lookupMaybe answers as the claim lookup_maybe says",
    "a small span has its class's object size and pages, a large one at most the arena's",
)
EXISTS = "the span has this object"


@dataclass(slots=True)
class _Made:
    conditions: list[Condition] = field(default_factory=list)
    paths: int = 0


def interior(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem for the spec with these edits: every address in the pages of a span, in every class, in integers.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    """
    made, out = program(edits), _Made()
    start, offset, pages = z3.Int("start"), z3.Int("offset"), z3.Int("npages")
    begin, n = integer(start, 0, WORD - 1), integer(offset, 0, WORD - 1)
    npages = integer(pages, 1, MOST_PAGES)
    premises = {
        "the span has pages": z3.And(pages >= 1, pages <= MOST_PAGES),
        "the address is in them": z3.And(offset >= 0, offset < pages * PAGE),
        "they are memory": z3.And(start >= 0, start + pages * PAGE <= WORD),
    }
    for c in range(len(CLASS_TO_SIZE)):
        given = [*premises.values(), *([pages == CLASS_TO_PAGES[c]] if c else [])]
        out.paths += walk(partial(_looked_up, made, c, begin, n, npages, out), given)
    return Problem(
        premises=premises,
        conditions=out.conditions,
        possible={"the last byte": offset == pages * PAGE - 1},
        paths=out.paths,
    )


def _looked_up(made: Program, c: int, begin: Num, n: Num, npages: Num, out: _Made, path: Path) -> None:
    size, pages = CLASS_TO_SIZE[c], CLASS_TO_PAGES[c]
    length = npages << REAL["page_shift"]
    cells: dict[str, Num] = {
        "start_addr": begin,
        "sizeclass": num(c),
        "npages": num(pages) if c else npages,
        "elemsize": num(size) if c else length,
    }
    memory = Cells(made.schema, {("Span", name): partial(_content, value) for name, value in cells.items()})
    splitter = Splitter(made, memory, path, summaries={"table.lookup_maybe": returning(SPAN)})
    ended = splitter.run(State(), typed(made, "table.mlookup"), {"h": num(1), "v": begin + n})
    obliged = [(f"no {o.kind}: {o.message}", path.facts[: o.facts], o.goal) for o in splitter.obligations]
    if ended is not None:
        found, base, told, span = ended.result
        goals = {"found, with its span": conjunction([found, span == SPAN]), "its size": told == cells["elemsize"]}
        goals |= _small(size, pages, n, base - begin) if c else {"the span's base": base == begin}
        goals["the address is in the object"] = conjunction([base <= begin + n, begin + n < base + told])
        obliged += [(name, path.facts, goal) for name, goal in goals.items()]
    out.conditions += [Condition(f"class {c}: {name}", conjunction(list(facts)), goal) for name, facts, goal in obliged]


def _content(value: Num, number: Num, index: Num | None) -> Num:
    """The content of a field that is the same in every span."""
    return value


def wasted(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem in class 4, the first with a tail waste, when the limit of the span is the end of its page.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    """
    made = program(edits)
    memory = Memory(made.schema)
    size, s, v = CLASS_TO_SIZE[WASTEFUL], word(z3.BitVec("s", 63)), unsigned("v", 64)
    span = View(memory).record("Span", s)
    start = span.start_addr
    executor = Alone(made, memory, summaries={"table.lookup_maybe": returning(s)})
    begun = State(locals={"h": num(1), "v": v})
    for name, value in (("sizeclass", WASTEFUL), ("elemsize", size)):
        begun.writes["Span", name] = (Write(z3.BoolVal(True), s, None, num(value)),)
    paths = executor.body(begun, typed(made, "table.mlookup"))
    most = PAGE // size * size
    return Problem(
        premises={
            "s is a span": s >= 1,
            "the span is memory": start <= WORD - PAGE,
            "the address is in its page": conjunction([start <= v, v < start + PAGE]),
        },
        conditions=[Condition(EXISTS, path.condition(), path.result[1] < start + most) for path in paths],
        memory=memory,
        inputs={"start": start, "v": v},
        smallest=("start", "v"),
        replay=partial(replay, edits),
    )


def _small(size: int, pages: int, offset: Num, base: Num) -> dict[str, Term]:
    """What holds of an object of a class, by its offset and the address's."""
    n = pages * PAGE // size
    whole = disjunction([base == i * size for i in range(pages * PAGE // size + 1)])
    exists = base < n * size
    return {
        "a whole number of objects from the start": whole,
        "an object of the span exactly outside the tail waste": exists == (offset < n * size),
        "if so, all of it is in the span": z3.Implies(exists, base + size <= pages * PAGE),
    }


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Ask the plain heap, whose span has the limit of its pages; the control has the limit of its last object."""
    broken, text = _asked(edits, values, objects=False)
    control, other = _asked((), values, objects=True)
    return Replay(broken, control, f"{text}; with the limit of the last object, {other}")


def _asked(edits: tuple[Edit, ...], values: Mapping[str, int], *, objects: bool) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when the address is looked up."""
    heap = PlainHeap(edits, spans=1)
    c, offset, start = WASTEFUL, values["v"] - values["start"], heap.h.arena_start
    size, pages = CLASS_TO_SIZE[c], CLASS_TO_PAGES[c]
    n, s = pages * PAGE // size, heap.spans[0]
    s.start_addr, s.npages, s.elemsize, s.sizeclass, s.state = start, pages, size, c, IN_USE
    s.limit = start + (n * size if objects else pages * PAGE)
    heap.h.arena_used = start + pages * PAGE
    heap.call("table.set_table", heap.h, 0, pages, s)
    found, base, _, _ = heap.call("table.mlookup", heap.h, start + offset)
    if not found:
        return frozenset(), "mlookup finds nothing"
    index = (base - start) // size
    broken = frozenset({EXISTS}) if index >= n else frozenset()
    return broken, f"mlookup finds object {index} of {n} at offset {offset}"
