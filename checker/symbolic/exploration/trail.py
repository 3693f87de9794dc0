"""One run: its inputs, and the conditions that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from checker.symbolic.exploration.affine import (
    Affine,
    Compare,
    Condition,
    Number,
    Parts,
    holds,
    negation,
    variables_of,
)
from checker.symbolic.exploration.space import Space

T = TypeVar("T")

PATIENCE = 20_000
"""Milliseconds for one question."""


class DeadEnd(Exception):
    """No such run: the inputs do not meet what a choice demands."""


class Fork(Exception):
    """A condition came up where it cannot be taken yet: what guards it is to be taken first."""


class Known:
    """What is known of sums: the conditions taken so far, looked up without z3."""

    def __init__(self, facts: Iterable[Condition] = ()) -> None:
        self._most: dict[Parts, int] = {}
        self._exact: set[Condition] = set()
        for f in facts:
            self.add(f)

    def copy(self) -> Known:
        """An independent copy."""
        out = Known()
        out._most, out._exact = dict(self._most), set(self._exact)
        return out

    def add(self, c: Condition) -> None:
        """Take a condition for true."""
        if isinstance(c, Compare):
            if c.op == "<=":
                self._bound(c.parts, c.base)
            elif c.op == "==":
                self._bound(c.parts, c.base)
                self._bound(tuple((n, -k) for n, k in c.parts), -c.base)
            self._exact.add(c)
        elif not isinstance(c, bool) and c.op == "and":
            for i in c.items:
                self.add(i)
        else:
            self._exact.add(c)

    def _bound(self, parts: Parts, base: int) -> None:
        if self._most.get(parts, base) <= base:
            self._most[parts] = base

    def tells(self, c: Condition) -> bool | None:
        """Whether the condition is known to hold, or not to; else None."""
        if isinstance(c, bool):
            return c
        if c in self._exact:
            return True
        if not isinstance(c, Compare):
            return None
        opposite = tuple((n, -k) for n, k in c.parts)
        above, below = self._most.get(c.parts), self._most.get(opposite)
        if c.op == "<=":
            if above is not None and above >= c.base:
                return True
            return False if below is not None and below > -c.base else None
        apart = (above is not None and above > c.base) or (below is not None and below > -c.base)
        if apart:
            return c.op == "!="
        if above == c.base and below == -c.base:
            return c.op == "=="
        return False if negation(c) in self._exact else None


@dataclass(slots=True)
class Counter:
    """The counter of a loop over pages: it stands at ``at``; what is decided of it holds up to each of ``limits``."""

    name: str
    at: Number
    limits: list[Number]


class Trail:
    """A run: its inputs, and the conditions that it took.

    Parameters
    ----------
    space : Space
    inputs : mapping
        Values of the inputs; one that is missing has its least value.
    known : Known
        What holds of all runs of the tree; not changed.

    Attributes
    ----------
    taken : list of Condition
    guarded : int
        Not 0: a condition that is not known cannot be taken now.
    counter : Counter or None
        Of the loop over pages that is being executed.
    """

    def __init__(self, space: Space, inputs: Mapping[str, int], known: Known) -> None:
        self.space = space
        self.inputs = dict(inputs)
        self.taken: list[Condition] = []
        self.guarded = 0
        self.counter: Counter | None = None
        self.known = known.copy()
        self._values: dict[str, int] = {}

    def value(self, a: Number) -> int:
        """The value of a number in this run."""
        if isinstance(a, int):
            return a
        total = a.base
        for name, k in a.parts:
            if name not in self._values:
                v = self.space.variables[name]
                self._values[name] = self.inputs.setdefault(name, v.lo) if v.compute is None else v.compute(self.value)
            total += k * self._values[name]
        return total

    def decide(self, c: Condition) -> bool:
        """Whether the condition holds in this run, which is noted unless all runs of the tree do the same."""
        if isinstance(c, bool):
            return c
        if self.counter is not None and self.counter.name in variables_of(c):
            return self._decide_of_counter(c, self.counter)
        known = self.known.tells(c)
        if known is not None:
            return known
        if self.guarded:
            raise Fork
        answer = holds(c, self.value)
        self._take(c if answer else negation(c))
        return answer

    def _take(self, c: Condition) -> None:
        self.taken.append(c)
        self.known.add(c)

    def _decide_of_counter(self, c: Condition, counter: Counter) -> bool:
        """Decide at the counter's place, and note up to where it stays so."""
        if not isinstance(c, Compare):
            assert not isinstance(c, bool)
            results = (self.decide(i) for i in c.items)
            return all(results) if c.op == "and" else any(results)
        rest, factor = without_counter(c, counter.name)
        if abs(factor) != 1:
            raise ValueError(f"a loop over pages compares {factor} times its counter")
        op = {"==": "==", "!=": "==", "<=": "<="}[c.op]
        place = rest if factor < 0 else 0 - rest  # where the counter makes it 0
        if op == "<=" and factor > 0:  # counter <= place
            answer = self.decide(self.space.compare("<=", counter.at, place))
            if answer:
                counter.limits.append(place + 1)
            return answer
        if op == "<=":  # place <= counter
            answer = self.decide(self.space.compare("<=", place, counter.at))
            if not answer:
                counter.limits.append(place)
            return answer
        equal = self.decide(self.space.compare("==", counter.at, place))
        if equal:
            counter.limits.append(place + 1)
        elif self.decide(self.space.compare("<", counter.at, place)):
            counter.limits.append(place)
        return equal == (c.op == "==")

    def enter(self, counter: Counter) -> None:
        """A round of a loop over pages begins."""
        self.counter = counter
        self._values[counter.name] = self.value(counter.at)

    def leave(self) -> None:
        """The round has ended."""
        self.counter = None

    def equal(self, a: Number) -> int:
        """The value of a number, which the run then depends on."""
        if isinstance(a, int):
            return a
        if self.counter is not None and any(n == self.counter.name for n, _ in a.parts):
            raise ValueError("a loop over pages uses its counter as an index of something that is not by page")
        if self.guarded:
            raise Fork
        value = self.value(a)
        self.decide(self.space.compare("==", a, value))
        return value


def without_counter(c: Compare, name: str) -> tuple[Number, int]:
    """The sum of a comparison without the counter, and the counter's factor."""
    factor = dict(c.parts)[name]
    kept = tuple((n, k) for n, k in c.parts if n != name)
    return (Affine(c.base, kept) if kept else c.base), factor
