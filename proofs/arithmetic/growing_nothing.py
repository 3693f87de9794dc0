"""What grow does with an arena that is all but used up and a request that overflows."""

from __future__ import annotations

from collections.abc import Mapping

import z3

from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term
from checker.symbolic.state import State
from proofs.arithmetic.growing import attempts, growing
from proofs.arithmetic.plain_heap import PlainHeap
from proofs.kernel import Problem, Replay
from spec.types import FREE

ROOM = 127
"""Pages of the replayed arena: one less than the least growth."""


def something(path: State, memory: Memory, npage: Num, answers: list[Num]) -> dict[str, Term]:
    """No attempt is for nothing."""
    return {"an attempt for something": z3.And(*[z3.Implies(made, n > 0) for made, n in attempts(path)])}


def asks_for_something() -> Problem:
    """The problem: the condition that fails, for every request of a page at least."""
    problem = growing(something, premises={"a page at least": lambda npage: npage >= 1})
    problem.conditions = [c for c in problem.conditions if c.name == "an attempt for something"]
    problem.replay = replay
    return problem


def replay(values: Mapping[str, int]) -> Replay:
    """Let the plain heap grow in an arena that has no room for the least growth; the control is one page less."""
    (broken, text), (control, other) = _grow(values["npage"]), _grow(values["npage"] - 1)
    return Replay(broken, control, f"with {ROOM} pages of arena left, {text}; for one page less, {other}")


def _grow(npage: int) -> tuple[frozenset[str], str]:
    heap = PlainHeap(initialised=True, arena_pages=ROOM)
    grown = heap.call("grow.grow", heap.h, npage)
    span = heap.spans[0]
    if not grown:
        return frozenset(), f"grow({npage}) returns False"
    empty = span.state == FREE and span.npages == 0 and heap.h.free[0].first is span
    text = f"grow({npage}) returns True, and a free span of {span.npages} pages is in the list of spans of 0 pages"
    return frozenset({"an attempt for something"} if empty else ()), text
