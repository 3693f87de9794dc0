"""One path: what is decided and known on it, what must hold on it, and the guards under which something is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.evaluate import PathEnds, Summary
from checker.symbolic.execute import Executor
from checker.symbolic.linear import integer
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, num
from checker.symbolic.paths import Path
from checker.symbolic.scope import Scope
from checker.symbolic.state import State

FALSE, TRUE = z3.BoolVal(False), z3.BoolVal(True)


@dataclass(frozen=True, slots=True)
class Obligation:
    """What must hold where the path comes by: that no throw and no error happens.

    Attributes
    ----------
    kind : str
        ``throw``, ``null``, ``index``, ``range``, ``division`` or a word of a summary.
    place, message : str
    facts : int
        How many of the path's facts were there before it.
    goal : z3 term
    where : tuple of bool
        The decisions before it; two paths that share them share the obligation.
    """

    kind: str
    place: str
    message: str
    facts: int
    goal: Term
    where: tuple[bool, ...]


class Fork(Exception):
    """What is under a guard needs a decision: the guard is to be decided first."""


class Guarded(Executor):
    """Decides, notes and stores on one path; its subclasses say how statements and operators are executed.

    Parameters
    ----------
    program, cells, path, variables, summaries, learn, loop_bound
        As for `Splitter`.
    """

    memory: Cells

    def __init__(
        self,
        program: Program,
        cells: Cells,
        path: Path,
        variables: Mapping[str, Num],
        summaries: Mapping[str, Summary],
        learn: Callable[[], Iterable[Term]],
        loop_bound: int,
    ) -> None:
        super().__init__(program, Scope(program.schema, variables), cells, [], summaries, loop_bound)
        self.path = path
        self.learn = learn
        self.storing: frozenset[str] = frozenset()
        """Functions whose contracts only store, so that they may be under a guard."""
        self.obligations: list[Obligation] = []
        self._guards: list[Term] = []
        self._fresh: list[Term] = []
        self._noted = (0, 0)

    def fresh(self, name: str, lo: int, hi: int) -> Num:
        """A number that may be any in ``lo..hi``."""
        constant = z3.Int(f"{self.memory.prefix}{name}#{len(self._fresh) + 1}")
        self._fresh.append(constant)
        self.path.tell(lo <= constant, constant <= hi)
        return integer(constant, lo, hi)

    def flag(self, name: str) -> Term:
        """A truth value that may be either."""
        constant = z3.Bool(f"{self.memory.prefix}{name}#{len(self._fresh) + 1}")
        self._fresh.append(constant)
        return constant

    def decide(self, condition: Term) -> bool:
        """Whether the condition holds on this path, which forks if it may not."""
        if self._guards and not z3.is_true(condition) and not z3.is_false(condition):
            raise Fork
        self.note()
        return self.path.decide(condition)

    def proves(self, condition: Term) -> bool:
        """Whether the condition is known to hold."""
        self.note()
        return self.path.proves(condition)

    def note(self) -> None:
        """Tell the path what was learnt of initial cells."""
        self.path.tell(*self.learn())
        defined, typed = self._noted
        self._noted = (len(self.memory.definitions), len(self.memory.typed))
        self.path.tell(*(c == v for c, v in self.memory.definitions[defined:]), *self.memory.typed[typed:])

    def require(self, state: State, ok: Term, kind: str, place: t.Place, message: str) -> None:
        """Note what must hold here, and go on where it holds."""
        if z3.is_true(ok) or any(g.eq(ok) for g in self._guards):
            return
        self.note()
        guarded = disjunction([*map(negation, self._guards), ok])
        self.oblige(guarded, kind, str(place), message)
        if z3.is_false(guarded):
            raise PathEnds
        self.path.tell(guarded)

    def oblige(self, goal: Term, kind: str, place: str, message: str) -> None:
        """Note what must hold here."""
        self.obligations.append(Obligation(kind, place, message, len(self.path.facts), goal, self.path.place))

    @property
    def guards(self) -> tuple[Term, ...]:
        """What must hold for what is done now to count."""
        return tuple(self._guards)

    def guarded(self, guard: Term, action: Callable[[], Any]) -> Any:
        """Do something that counts only where the guard holds."""
        self._guards.append(guard)
        try:
            return action()
        finally:
            self._guards.pop()

    def integer(self, value: Value) -> Num:
        """A number; a truth value counts as 0 or 1."""
        if isinstance(value, Num):
            return value
        bit: Num = self.memory.select(value, num(1), num(0))
        return bit

    def write(self, state: State, record: str, field: str, write: Write) -> None:
        """Store, under the guards in force."""
        super().write(state, record, field, replace(write, guard=conjunction([*self._guards, write.guard])))

    def read(self, state: State, record: str, field: str, number: Num, index: Num | None) -> Value:
        """The content of a cell: a choice between the stores that may have been the last to it."""
        pending: list[tuple[Term, Value]] = []
        value: Value = None
        for w in reversed(state.writes.get((record, field), ())):
            hit = w.hits(number, index)
            if self.proves(hit):
                value = w.value
                break
            if not self.proves(negation(hit)):
                pending.append((hit, w.value))
        if value is None:
            value = self.memory.first(record, field, number, index)
        for hit, stored in reversed(pending):
            value = self.memory.select(hit, stored, value)
        return self.memory.named(f"{record}.{field}", value) if pending else value
