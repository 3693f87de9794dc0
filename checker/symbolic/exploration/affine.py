"""Affine numbers over named integers, and conditions on them.

A known number is a plain ``int`` and a known condition a plain ``bool``, so that most of an execution is ordinary
arithmetic. Of a number that depends on inputs there are the constant and the multiples of variables. A variable is an
input, or is defined by others: a quotient, or a function of a parameter that takes one of a few values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Parts = tuple[tuple[str, int], ...]
"""Variables with their factors, by name."""


class Affine:
    """``base`` plus multiples of variables; never a constant."""

    __slots__ = ("base", "parts")

    def __init__(self, base: int, parts: Parts) -> None:
        self.base, self.parts = base, parts

    def __add__(self, other: Number) -> Number:
        """The sum."""
        return combine(self, other, 1)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Number:
        """The difference."""
        return combine(self, other, -1)

    def __rsub__(self, other: Number) -> Number:
        """The difference."""
        return combine(times(self, -1), other, 1)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same sum; not a condition."""
        return isinstance(other, Affine) and self.base == other.base and self.parts == other.parts

    def __hash__(self) -> int:
        """By content."""
        return hash((self.base, self.parts))

    def __repr__(self) -> str:
        """As a sum."""
        return " + ".join([*(f"{k}*{n}" if k != 1 else n for n, k in self.parts), *([str(self.base)] if self.base else [])])

    @property
    def variable(self) -> str:
        """The name, if it is one variable and nothing else; else empty."""
        return self.parts[0][0] if len(self.parts) == 1 and self.parts[0][1] == 1 and not self.base else ""


Number = int | Affine


def combine(a: Number, b: Number, factor: int) -> Number:
    """``a + factor * b``."""
    if isinstance(b, int):
        return a + factor * b if isinstance(a, int) else Affine(a.base + factor * b, a.parts)
    if isinstance(a, int):
        return Affine(a + factor * b.base, times(b, factor).parts) if factor != 1 else Affine(a + b.base, b.parts)  # type: ignore[union-attr]
    parts = dict(a.parts)
    for name, k in b.parts:
        parts[name] = parts.get(name, 0) + factor * k
    return affine(a.base + factor * b.base, parts)


def affine(base: int, parts: Mapping[str, int]) -> Number:
    """The sum, an ``int`` if nothing else is left."""
    kept = tuple(sorted((n, k) for n, k in parts.items() if k))
    return Affine(base, kept) if kept else base


def times(a: Number, factor: int) -> Number:
    """The product with a constant."""
    if isinstance(a, int) or not factor:
        return a * factor if isinstance(a, int) else 0
    return Affine(a.base * factor, tuple((n, k * factor) for n, k in a.parts))


def replaced(a: Number, values: Mapping[str, int]) -> Number:
    """The sum with some variables known."""
    if isinstance(a, int) or not any(n in values for n, _ in a.parts):
        return a
    base = a.base + sum(k * values[n] for n, k in a.parts if n in values)
    return affine(base, {n: k for n, k in a.parts if n not in values})


def without(a: Number, name: str) -> tuple[Number, int]:
    """The rest of a sum without one of its variables, and that one's factor."""
    if isinstance(a, int):
        return a, 0
    parts = dict(a.parts)
    factor = parts.pop(name, 0)
    return affine(a.base, parts), factor


@dataclass(frozen=True, slots=True)
class Compare:
    """``base`` plus the parts is ``<=``, ``==`` or ``!=`` 0."""

    op: str
    parts: Parts
    base: int


@dataclass(frozen=True, slots=True)
class Junction:
    """All of the items hold (``and``), or one of them (``or``)."""

    op: str
    items: tuple[Condition, ...]


Condition = bool | Compare | Junction


def negation(c: Condition) -> Condition:
    """Not."""
    if isinstance(c, bool):
        return not c
    if isinstance(c, Junction):
        return Junction("or" if c.op == "and" else "and", tuple(map(negation, c.items)))
    if c.op == "<=":
        return Compare("<=", tuple((n, -k) for n, k in c.parts), 1 - c.base)
    return Compare("!=" if c.op == "==" else "==", c.parts, c.base)


def junction(op: str, items: Iterable[Condition]) -> Condition:
    """And, or; with constants folded."""
    neutral = op == "and"
    kept: list[Condition] = []
    for c in items:
        if isinstance(c, bool):
            if c is not neutral:
                return c
        elif c not in kept:
            kept.append(c)
    return neutral if not kept else kept[0] if len(kept) == 1 else Junction(op, tuple(kept))


def variables_of(c: Condition) -> set[str]:
    """The variables that a condition mentions."""
    if isinstance(c, bool):
        return set()
    if isinstance(c, Compare):
        return {n for n, _ in c.parts}
    return set().union(*map(variables_of, c.items))


PLAIN: dict[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def holds(c: Condition, value: Callable[[Number], int]) -> bool:
    """Whether a condition holds for some inputs."""
    if isinstance(c, bool):
        return c
    if isinstance(c, Compare):
        v = value(Affine(c.base, c.parts))
        return v <= 0 if c.op == "<=" else v == 0 if c.op == "==" else v != 0
    return (all if c.op == "and" else any)(holds(i, value) for i in c.items)
