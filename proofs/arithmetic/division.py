"""Division by the object sizes for every offset and class: by masks and shifts in words, by multiplication in integers.

With the constants of a class the multiplication is linear: each shift down is a quotient with its two bounds, and what
may be more than a word is reduced by a multiple of 2^64. The spec's source is executed so for each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import z3

from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, num, unsigned
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone
from proofs.arithmetic.plain_heap import WORD
from proofs.arithmetic.plain_objects import OBJECTS, PlainPart, part
from proofs.arithmetic.sequences import sequence, untroubled
from proofs.heaps import typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.size_classes import CLASS_TO_BASE_MASK, CLASS_TO_SIZE

EXACT = 54_975_581_456
"""The least offset at which some class's multiplication is wrong: 112 bytes, 12.8 times 2^32."""

FUNCTIONS = ("obj_index", "object_base")
ASSUMES = ("a span's division fields are those that alloc_m sets for its class; the classes are derived by msize.go's rules",)
RIGHT, BASE = "the object's number", "the object's base"
MASKED = [c for c, mask in enumerate(CLASS_TO_BASE_MASK) if mask]
MULTIPLIED = [c for c in range(1, len(CLASS_TO_SIZE)) if c not in MASKED]
FEW = MULTIPLIED[:4]
"""Classes among which a counterexample is sought: sizes 48 to 112."""

SPAN = num(1)


@dataclass(slots=True)
class _Made:
    conditions: list[Condition] = field(default_factory=list)
    paths: int = 0

    def demand(self, c: int, function: str, path: Term, goals: Mapping[str, Term]) -> None:
        self.conditions += [Condition(f"{function} in class {c}: {name}", path, goal) for name, goal in goals.items()]


def _goals(c: int, function: str, begin: Num, n: Num, result: Value) -> dict[str, Term]:
    """The number of the object is the quotient, and its base is so many objects from the start."""
    index, base = (result, None) if function == "obj_index" else (result[1], result[0])
    size = CLASS_TO_SIZE[c]
    goals = {RIGHT: conjunction([index * size <= n, n < (index + 1) * size])}
    return goals if base is None else {**goals, BASE: base == begin + index * size}


def multiplications(edits: tuple[Edit, ...] = (), *, below: int = 1 << 32) -> Problem:
    """The problem for the classes that multiply, in integers.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    below : int
        Offsets are below this.
    """
    made, out = part(OBJECTS, edits), _Made()
    start, offset = z3.Int("start"), z3.Int("offset")
    begin, n = integer(start, 0, WORD - 1), integer(offset, 0, below - 1)
    premises = {
        "the span begins at a word": z3.And(start >= 0, start < WORD),
        f"the offset is below {below}": z3.And(offset >= 0, offset < below),
        "the address is a word": start + offset < WORD,
    }
    for c in MULTIPLIED:
        for function in FUNCTIONS:
            out.paths += walk(partial(_multiply, made, function, c, begin, n, out), list(premises.values()))
    return Problem(
        premises=premises,
        conditions=out.conditions,
        possible={"the last offset": offset == below - 1},
        paths=out.paths,
    )


def _multiply(made: Program, function: str, c: int, begin: Num, n: Num, out: _Made, path: Path) -> None:
    memory = Cells(made.schema, {("ObjectSpan", "start_addr"): lambda number, index: begin})
    splitter = Splitter(made, memory, path)
    prepared = splitter.run(State(), typed(made, "division.set_elemsize"), {"s": SPAN, "sizeclass": num(c)})
    assert prepared is not None
    ended = splitter.run(prepared, typed(made, f"division.{function}"), {"s": SPAN, "p": begin + n})
    for o in splitter.obligations:
        out.demand(c, function, conjunction(path.facts[: o.facts]), {f"no {o.kind}: {o.message}": o.goal})
    if ended is not None:
        out.demand(c, function, conjunction(path.facts), _goals(c, function, begin, n, ended.result))


def words(
    edits: tuple[Edit, ...] = (),
    *,
    classes: list[int] | None = None,
    least: int = 0,
    below: int = WORD,
    only: tuple[str, ...] = (),
) -> Problem:
    """The problem for classes in words: those that mask, by default; or a counterexample among others.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    classes : list of int
    least, below : int
        Offsets are at least the one and below the other.
    only : tuple of str
        The functions to speak of; both by default.
    """
    made, out = part(OBJECTS, edits), _Made()
    n, which = unsigned("offset", 64), unsigned("sizeclass", 8)
    classes = MASKED if classes is None else classes
    memory = Memory(made.schema)
    start = View(memory).record("ObjectSpan", SPAN).start_addr
    executor = Alone(made, memory)
    for c in classes:
        for function in only or FUNCTIONS:
            calls = [
                (typed(made, "division.set_elemsize"), {"s": SPAN, "sizeclass": num(c)}),
                (typed(made, f"division.{function}"), {"s": SPAN, "p": start + n}),
            ]
            for path, results in sequence(executor, calls):
                here = conjunction([which == c, path.condition()])
                out.demand(c, function, here, _goals(c, function, start, n, results[-1]))
                out.paths += 1
    return Problem(
        premises={
            "the address is a word": start + n < WORD,
            f"the offset is from {least} up to below {below}": conjunction([num(least) <= n, n < below]),
            "it is one of the classes": disjunction([which == c for c in classes]),
        },
        conditions=[*untroubled(executor), *out.conditions],
        possible={"an interior pointer": (n & 7) == 5},
        memory=memory,
        inputs={"offset": n, "sizeclass": which, "start": start},
        smallest=("offset", "sizeclass", "start"),
        replay=partial(replay, edits),
        paths=out.paths,
    )


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Ask the plain functions; the control is the unmodified heap, or for the unmodified heap an offset less."""
    broken, text = _asked(edits, values)
    inside = {**values, "offset": values["offset"] - (not edits)}
    control, other = _asked((), inside)
    return Replay(broken, control, f"{text}; {'unmodified' if edits else 'a byte before'}, {other}")


def _asked(edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, for this class and offset."""
    c, n, start = values["sizeclass"], values["offset"], values["start"]
    size, objects = CLASS_TO_SIZE[c], PlainPart(OBJECTS, edits)
    span = objects.root.span
    span.start_addr = start
    objects.call("division.set_elemsize", span, c)
    index = objects.call("division.obj_index", span, start + n)
    base, number = objects.call("division.object_base", span, start + n)
    right = n // size
    wrong = {
        ("obj_index", RIGHT): index != right,
        ("object_base", RIGHT): number != right,
        ("object_base", BASE): base != start + number * size,
    }
    text = f"{n} // {size} is {right}, objIndex says {index}, heapBitsForObject {number} at offset {base - start}"
    return frozenset(f"{function} in class {c}: {name}" for (function, name), bad in wrong.items() if bad), text
