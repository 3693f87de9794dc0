"""What becomes of a mutant: a condition fails, or it is equal to the original, or no clause sees what it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import z3

from checker.errors import CheckerError
from checker.symbolic.cells import MOST_RECORDS
from checker.symbolic.evaluate import Summary
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, disjunction, negation
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.heaps import program, typed
from proofs.induction.conditions import SCALES, SPANS, Conditions
from proofs.induction.operation import Operation
from proofs.induction.operations import ALLOC, ALLOC_STACK, FREE_SPAN, FREE_STACK, GROW, SCAVENGE_SPAN
from proofs.mutants.generate import Mutant
from spec.language import Edit

PATIENCE = 10_000
"""Milliseconds for one condition."""

_FREES, _ALLOCS = (FREE_STACK, FREE_SPAN), (ALLOC_STACK, ALLOC)
OPERATIONS: dict[str, tuple[Operation, ...]] = {
    "scavenge.scavenge_span": (SCAVENGE_SPAN,),
    "free.free_stack": (FREE_STACK,),
    "free.free_span": (FREE_SPAN,),
    "free.free_span_locked": (*_FREES, GROW, ALLOC_STACK),
    "free.busy_list": (FREE_SPAN,),
    "free.free_list": (FREE_STACK, GROW),
    "lists.remove": (FREE_STACK, FREE_SPAN, ALLOC_STACK),
    "lists.insert": (FREE_STACK, GROW, ALLOC_STACK),
    "lists.insert_back": (ALLOC,),
    "environment.fixalloc.fixalloc_free": (FREE_STACK,),
    "environment.fixalloc.fixalloc_alloc": (GROW, ALLOC_STACK),
    "grow.grow": (GROW,),
    "span.init": (GROW, ALLOC_STACK),
    "alloc.alloc_stack": (ALLOC_STACK,),
    "alloc.alloc_span_locked": (ALLOC_STACK, ALLOC),
    "alloc.alloc_m": (ALLOC,),
    "alloc.alloc": (ALLOC,),
}
"""The functions of the sequential core, and the operations that reach them, the quick ones first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant.

    Attributes
    ----------
    kind : str
        ``refused`` (a condition fails), ``outside`` (the executor or the front end does not take it), ``equal``
        (the same stores and results on every heap) or ``unseen``.
    detail : str
        The condition; or the cells that differ.
    """

    kind: str
    detail: str


class _Refused(Exception):
    """A condition fails."""


@dataclass(slots=True)
class Impatient(Conditions):
    """Decides the conditions of each path at once, and stops at the first that fails."""

    decided: int = 0

    def run(self, scale: str, path: Path) -> None:
        """Run one path, and decide its conditions."""
        Conditions.run(self, scale, path)
        last: object = None
        for c in self.found[self.decided :]:
            if c.given is not last:
                last, solver = c.given, z3.SimpleSolver()
                solver.set("timeout", PATIENCE)
                solver.add(*c.given)
            if solver.check(negation(c.goal)) != z3.unsat:
                raise _Refused(f"{self.op.function}: {c.name}")
        self.decided = len(self.found)


def judge(mutant: Mutant) -> Verdict:
    """Run the operations that reach the mutated function until one is refused; else look for what differs."""
    try:
        for op in OPERATIONS[mutant.function]:
            _explore(op, mutant.edit)
        differing = sorted({cell for op in OPERATIONS[mutant.function] for cell in _differences(op, mutant.edit)})
    except _Refused as e:
        return Verdict("refused", str(e))
    except CheckerError as e:
        return Verdict("outside", str(e))
    return Verdict("unseen", ", ".join(differing)) if differing else Verdict("equal", "")


def _explore(op: Operation, edit: Edit) -> None:
    made = program((edit,), spans=SPANS)
    conditions = Impatient(op, made, typed(made, op.function))
    for scale in SCALES[op.scale]:
        walk(partial(conditions.run, scale), [])


def _differences(op: Operation, edit: Edit) -> Iterator[str]:
    """The cells that the mutant leaves with another content than the original does, on some heap."""
    original, mutated = program((), spans=SPANS), program((edit,), spans=SPANS)
    found: set[str] = set()
    conditions = Conditions(op, mutated, typed(mutated, op.function))

    def compare(scale: str, path: Path) -> None:
        setting = conditions.setting(scale, path)
        x = setting.splitter
        contracts, answers = dict(x.summaries), _Answers(x)
        ends: list[State | None] = []
        for made in (mutated, original):
            x.program = made
            x.summaries = {name: partial(answers.give, name, contract) for name, contract in contracts.items()}
            ends.append(x.run(State(), typed(made, op.function), setting.call))
            answers.rewind()
        if ends[0] is None or ends[1] is None:
            found.update({"a throw"} if ends[0] is not ends[1] else ())
            return
        found.update(_apart(x, ends[0], ends[1]))

    for scale in SCALES[op.scale]:
        walk(partial(compare, scale), [])
    yield from found


class _Answers:
    """What contracts answered to the mutant; the original, asked the same in the same turn, gets the same answer."""

    def __init__(self, x: Splitter) -> None:
        self._x = x
        self._given: list[tuple[str, tuple[Value, ...], Value]] = []
        self._turn: int | None = None

    def rewind(self) -> None:
        """The other program begins."""
        self._turn = 0

    def give(self, name: str, contract: Summary, state: State, args: tuple[Value, ...]) -> Value:
        """An answer; contracts that store are asked again."""
        if self._turn is not None and self._turn < len(self._given):
            asked, old, answer = self._given[self._turn]
            self._turn += 1
            alike = asked == name and all(self._x.proves(a == b) for a, b in zip(args, old, strict=True))
            if alike and answer is not None:
                return answer
        answer = contract(state, args)
        if self._turn is None:
            self._given.append((name, args, answer))
        return answer


def _apart(x: Splitter, a: State, b: State) -> Iterator[str]:
    """The fields of which the two may differ after the path."""
    number = x.memory.ranged(z3.Int("any_record"), 1, MOST_RECORDS >> 1)
    index = x.memory.ranged(z3.Int("any_index"), 0, MOST_RECORDS >> 1)
    left, right = View(x.memory, a.writes), View(x.memory, b.writes)
    goals: dict[str, Term] = {"the result": _same(a.result, b.result)}
    for record, name in {**a.writes, **b.writes}:
        if record:
            array = x.program.schema.records[record].fields[name].length is not None
            fields = (getattr(view.record(record, number), name) for view in (left, right))
            one, two = (f[index] if array else f for f in fields)
            goals[f"{record}.{name}"] = _same(one, two)
    x.note()
    for name, goal in goals.items():
        if not z3.is_true(goal) and x.path.possible(negation(goal)):
            yield name


def _same(a: Value, b: Value) -> Term:
    if a is None or b is None:
        return z3.BoolVal(a is b)
    if isinstance(a, Num) or isinstance(b, Num):
        return a == b
    return disjunction([a == b])
