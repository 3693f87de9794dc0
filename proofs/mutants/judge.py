"""What becomes of a mutant: a condition fails, or it is equal to the original, or no clause sees what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby, zip_longest
from typing import Any

import z3

from checker.errors import CheckerError
from checker.symbolic.cells import MOST_RECORDS
from checker.symbolic.evaluate import Summary
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Obligation, Splitter
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.heaps import program, typed
from proofs.induction.conditions import SCALES, SPANS, Conditions
from proofs.induction.operation import Operation
from proofs.induction.operations import ALLOC, ALLOC_STACK, FREE_SPAN, FREE_STACK, GROW, SCAVENGE_SPAN
from proofs.kernel import Condition
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


class _Different(Exception):
    """The mutant does something else than the original."""


@dataclass(slots=True)
class Impatient(Conditions):
    """Decides the conditions of each path at once, and stops at the first that fails."""

    decided: int = 0

    def run(self, scale: str, path: Path) -> None:
        """Run one path, and decide its conditions."""
        Conditions.run(self, scale, path)
        solver, told = z3.SimpleSolver(), 0
        solver.set("arith.solver", 2)
        solver.set("timeout", PATIENCE)
        for _, group in groupby(self.found[self.decided :], key=lambda c: id(c.given)):
            conditions = list(group)
            facts = conditions[0].given  # on one path, all that was known before and more
            solver.add(*facts[told:])
            told = len(facts)
            self._decide(solver, conditions)
        self.decided = len(self.found)

    def _decide(self, solver: Any, conditions: list[Condition]) -> None:
        """Decide conditions with the same facts: at once if z3 can, else one by one."""
        answer = solver.check(z3.Or(*(negation(c.goal) for c in conditions)))
        if answer == z3.sat:
            model = solver.model()
            broken = [c for c in conditions if z3.is_false(model.eval(c.goal, model_completion=True))]
            raise _Refused(f"{self.op.function}: {(broken or conditions)[0].name}")
        if answer == z3.unknown:
            for c in conditions:
                if (one := solver.check(negation(c.goal))) != z3.unsat:
                    raise _Refused(f"{self.op.function}: {c.name}" + (" (z3 gives up)" if one == z3.unknown else ""))


def judge(mutant: Mutant) -> Verdict:
    """Look for operations that do something else than the original, and run these until one is refused.

    An operation that does the same on every path is proved as the original is. The lock is outside the induction: operations
    run alone.
    """
    if mutant.before.startswith(("acquire(", "release(")):
        return Verdict("unseen", "the lock")
    differing: set[str] = set()
    try:
        for op in OPERATIONS[mutant.function]:
            if _differs(op, mutant.edit):
                _explore(op, mutant.edit)
                _compare(op, mutant.edit, differing.update)
    except _Refused as e:
        return Verdict("refused", str(e))
    except CheckerError as e:
        return Verdict("outside", str(e))
    return Verdict("unseen", ", ".join(sorted(differing))) if differing else Verdict("equal", "")


def _explore(op: Operation, edit: Edit) -> None:
    made = program((edit,), spans=SPANS)
    conditions = Impatient(op, made, typed(made, op.function))
    for scale in SCALES[op.scale]:
        walk(partial(conditions.run, scale), [])


def _differs(op: Operation, edit: Edit) -> bool:
    """Whether the mutant does something else than the original on some heap."""

    def stop(found: Iterable[str]) -> None:
        if any(True for _ in found):
            raise _Different

    try:
        _compare(op, edit, stop)
    except _Different:
        return True
    return False


def _compare(op: Operation, edit: Edit, note: Callable[[Iterable[str]], None]) -> None:
    """Tell, for each path, the cells that the mutant leaves with another content than the original does, on some heap."""
    original, mutated = program((), spans=SPANS), program((edit,), spans=SPANS)
    conditions = Conditions(op, mutated, typed(mutated, op.function))

    def compare(scale: str, path: Path) -> None:
        setting = conditions.setting(scale, path)
        x = setting.splitter
        contracts, answers = dict(x.summaries), _Answers(x)
        ends: list[State | None] = []
        obliged: list[list[Obligation]] = []
        for made in (mutated, original):
            x.program, x.obligations = made, []
            x.summaries = {name: partial(answers.give, name, contract) for name, contract in contracts.items()}
            answers.calls.append([])
            ends.append(x.run(State(), typed(made, op.function), setting.call))
            obliged.append(x.obligations)
            if path.dead:  # there is no heap, or the mutant has thrown on every one
                note({"a throw"} if any(_may_fail(o, x) for o in obliged[0]) else ())
                return
            answers.rewind()
        for called in _other_calls(*answers.calls):
            note({f"a call of {called}"})
        if (ends[0] is None) is not (ends[1] is None) or any(_may_fail(o, x) for o in _new(*obliged)):
            note({"a throw"})
        if ends[0] is not None and ends[1] is not None:
            note(_apart(x, ends[0], ends[1]))

    for scale in SCALES[op.scale]:
        walk(partial(compare, scale), [])


def _other_calls(mutant: list[tuple[str, Term]], original: list[tuple[str, Term]]) -> Iterator[str]:
    """Contracts that one asks and the other does not, or not under the same guard: what they stand for is not the same."""
    for one, other in zip_longest(mutant, original):
        if one is None or other is None or one[0] != other[0] or not one[1].eq(other[1]):
            yield (one or other)[0]


def _new(mutant: list[Obligation], original: list[Obligation]) -> Iterator[Obligation]:
    """The mutant's obligations that the original, of which all hold, does not have in the same order."""
    rest = iter(original)
    for k, o in enumerate(mutant):
        if not any(o.goal.eq(other.goal) for other in rest):
            yield from mutant[k:]
            return


def _may_fail(o: Obligation, x: Splitter) -> bool:
    solver = z3.SimpleSolver()
    solver.set("timeout", PATIENCE)
    solver.add(*x.path.facts[: o.facts])
    return bool(solver.check(negation(o.goal)) != z3.unsat)


class _Answers:
    """What contracts answered to the mutant; the original, asked the same in the same turn, gets the same answer."""

    def __init__(self, x: Splitter) -> None:
        self._x = x
        self._given: list[tuple[str, tuple[Value, ...], Value]] = []
        self._turn: int | None = None
        self.calls: list[list[tuple[str, Term]]] = []
        """By program: the contracts that it asked, and under which guard."""

    def rewind(self) -> None:
        """The other program begins."""
        self._turn = 0

    def give(self, name: str, contract: Summary, state: State, args: tuple[Value, ...]) -> Value:
        """An answer; contracts that store are asked again."""
        self.calls[-1].append((name, conjunction([*self._x.guards])))
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
