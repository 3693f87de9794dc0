"""The tree of paths through a function: one run a path, each decision taken once and remembered.

A run asks `Path.decide` at each condition that it does not know. What was answered on the way to a fork is replayed
without a solver, and the other answer waits for a later run. So the executor stays in direct style, and a path has
one memory, without terms that stand for several paths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3

from checker.symbolic.number import Term, negation

PATIENCE = 2_000
"""Milliseconds for one question; ``unknown`` keeps a path, which costs time and never soundness."""


class DeadEnd(Exception):
    """The facts of this path contradict each other: no heap takes it."""


@dataclass(slots=True)
class Path:
    """One run: the answers given so far and the facts that they make.

    Attributes
    ----------
    answers : list of bool
        In the order of the questions; those before ``replayed`` come from an earlier run.
    facts : list of z3 terms
        What holds on the path: decisions, and what was told to it.
    open : list of list of bool
        Beginnings of other paths.
    dead : bool
        No heap takes it to its end: there is none, or all of them have thrown on the way.
    """

    answers: list[bool] = field(default_factory=list)
    facts: list[Term] = field(default_factory=list)
    open: list[list[bool]] = field(default_factory=list)
    patience: int = PATIENCE
    dead: bool = False
    _asked: int = 0
    _told: int = 0
    _known: set[int] = field(default_factory=set)
    _solver: Any = None

    def tell(self, *facts: Term) -> None:
        """Add facts that hold on this path."""
        for fact in facts:
            if not z3.is_true(fact) and fact.get_id() not in self._known:
                self._known.add(fact.get_id())
                self.facts.append(fact)

    def decide(self, condition: Term) -> bool:
        """Go on with the condition or with its negation; where both are possible, the other is left to a later run.

        Raises
        ------
        DeadEnd
            Neither is possible.
        """
        if z3.is_true(condition) or z3.is_false(condition):
            return bool(z3.is_true(condition))
        if condition.get_id() in self._known:
            return True
        if self._asked < len(self.answers):
            answer = self.answers[self._asked]
        else:
            answer = self.possible(condition)
            if answer and self.possible(negation(condition)):
                self.open.append([*self.answers, False])
            elif not answer and not self.possible(negation(condition)):
                raise DeadEnd
            self.answers.append(answer)
        self._asked += 1
        self.tell(condition if answer else negation(condition))
        return answer

    def proves(self, condition: Term) -> bool:
        """Whether the facts imply the condition; no fork."""
        if z3.is_true(condition) or z3.is_false(condition):
            return bool(z3.is_true(condition))
        if condition.get_id() in self._known:
            return True
        if self._asked < len(self.answers):
            answer = self.answers[self._asked]
        else:
            answer = not self.possible(negation(condition))
            self.answers.append(answer)
        self._asked += 1
        return answer

    def possible(self, condition: Term) -> bool:
        """Whether the condition may hold with the facts; ``unknown`` counts as yes."""
        if self._solver is None:
            self._solver = z3.SolverFor("QF_UFLIA")
            self._solver.set("timeout", self.patience)
        self._solver.add(*self.facts[self._told :])
        self._told = len(self.facts)
        return bool(self._solver.check(condition) != z3.unsat)

    @property
    def place(self) -> tuple[bool, ...]:
        """The answers up to here: where in the tree this run stands."""
        return tuple(self.answers[: self._asked])


def walk(run: Callable[[Path], None], premises: list[Term], patience: int = PATIENCE) -> int:
    """Run a function once for each of its paths; returns how many there were, dead ones not counted.

    Parameters
    ----------
    run : callable
        Takes the path, and asks it.
    premises : list of z3 terms
        Facts of every path.
    patience : int
        Milliseconds for one question.
    """
    waiting: list[list[bool]] = [[]]
    count = 0
    while waiting:
        path = Path(answers=waiting.pop(), patience=patience)
        path.tell(*premises)
        try:
            run(path)
        except DeadEnd:
            path.dead = True
        waiting += path.open
        count += not path.dead
    return count
