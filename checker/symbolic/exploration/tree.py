"""The tree of all runs from one state: z3 is asked for inputs that take another path, until there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import z3

from checker.symbolic.exploration.affine import Affine, Condition, holds, junction, negation, variables_of
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.trail import DeadEnd, Known, Trail

T = TypeVar("T")

PATIENCE = 20_000
"""Milliseconds for one question."""


class Session:
    """Questions to z3 about inputs.

    Attributes
    ----------
    questions, unknown : int
        Asked, and not answered.
    fixed : int or None
        The only value of the parameter that still comes into question.
    """

    questions = 0
    unknown = 0

    def __init__(self, space: Space, facts: Iterable[Condition]) -> None:
        self._space = space
        self._solver = z3.SimpleSolver()
        self._solver.set("timeout", PATIENCE)
        self._declared: set[str] = set()
        self._exact = False
        self.fixed: int | None = None
        for f in facts:
            self.add(f)

    def add(self, c: Condition) -> None:
        """Only inputs with this condition from now on."""
        self.declare(variables_of(c))
        self._solver.add(self._space.term(c))

    def declare(self, names: Iterable[str]) -> None:
        """Take variables up, with what holds of them."""
        todo = [n for n in names if n not in self._declared]
        while todo:
            name = todo.pop()
            if name in self._declared:
                continue
            self._declared.add(name)
            v = self._space.variables[name]
            self._solver.add(v.lo <= z3.Int(name), z3.Int(name) <= v.hi, *v.facts, *(v.exact if self._exact else ()))
            todo += v.mentions

    def refine(self) -> None:
        """Take variables for what they are, also where that is costly."""
        assert not self._exact, "inputs that were excluded came back"
        self._exact = True
        self.declare([self._space.parameter] if self._space.parameter else [])
        for name in self._declared:
            self._solver.add(*self._space.variables[name].exact)

    def find(self, *more: Condition) -> dict[str, int] | None:
        """Inputs that meet all conditions, or None."""
        for c in more:
            self.declare(variables_of(c))
        if self._exact and self._space.parameter:
            for v in self._space.cases[self._space.parameter]:
                if self.fixed not in (None, v):
                    continue
                found = self._ask(self._space.compare("==", Affine(0, ((self._space.parameter, 1),)), v), *more)
                if found is not None:
                    return found
            return None
        return self._ask(*more)

    def _ask(self, *more: Condition) -> dict[str, int] | None:
        Session.questions += 1
        answer = self._solver.check(*map(self._space.term, more))
        if answer == z3.unknown:
            Session.unknown += 1
            return None
        if answer == z3.unsat:
            return None
        model: Any = self._solver.model()
        free = (n for n in self._declared if self._space.variables[n].compute is None)
        return {n: model.eval(z3.Int(n), model_completion=True).as_long() for n in sorted(free)}


@dataclass(slots=True)
class Tree:
    """All runs of a function from one state.

    Parameters
    ----------
    space : Space
    facts : tuple of Condition
        What the inputs meet.
    inputs : dict
        Some that do.
    known : Known
        The facts.
    """

    space: Space
    facts: tuple[Condition, ...]
    inputs: dict[str, int]
    known: Known = field(default_factory=Known)

    def runs(self, run: Callable[[Trail], T]) -> Iterator[tuple[Trail, T | None]]:
        """Each path once, with what the function returned; None at a dead end."""
        session: Session | None = None
        inputs: dict[str, int] | None = self.inputs
        seen: set[tuple[Condition, ...]] = set()
        while inputs is not None:
            trail = Trail(self.space, inputs, self.known)
            try:
                result = run(trail)
            except DeadEnd:
                result = None
            path = tuple(trail.taken)
            if path in seen:  # what z3 was told allows more than there is
                assert session is not None
                session.refine()
            else:
                seen.add(path)
                yield trail, result
                if not path:
                    return
                session = session or Session(self.space, self.facts)
                session.add(negation(junction("and", path)))
            inputs = self._other(session)

    def all_take(self, paths: Iterable[Iterable[Condition]]) -> bool:
        """Whether all inputs are known to take all of these paths."""
        other = junction("or", [negation(junction("and", p)) for p in paths])
        if other is False:
            return True
        session = Session(self.space, self.facts)
        session.add(other)
        return self._other(session) is None

    def _other(self, session: Session) -> dict[str, int] | None:
        """Inputs that meet the facts and take another path."""
        while True:
            found = session.find()
            if found is None:
                return None
            inputs = {**self.inputs, **found}
            value = Trail(self.space, inputs, self.known).value
            if all(holds(f, value) for f in self.facts):
                return inputs
            session.refine()
