"""Operators on numbers that depend on inputs."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from checker.frontend import tree as t
from checker.symbolic.exploration.affine import Affine, Number, junction, times
from checker.symbolic.exploration.space import Space
from checker.symbolic.exploration.trail import Trail
from checker.symbolic.number import SymbolicError


class Arithmetic(ABC):
    """What of an executor the operators need, and the operators."""

    space: Space
    trail: Trail

    @abstractmethod
    def decide(self, value: Any, place: t.Place) -> bool:
        """A condition, or a number other than 0, in this run."""

    @abstractmethod
    def require(self, condition: Any, place: t.Place, message: str) -> None:
        """An error of the spec if the condition does not hold."""

    def arithmetic(self, op: str, a: Number, b: Number, place: t.Place) -> Number:
        """The result of an operator of which an operand is no constant."""
        if op in "+-":
            return a + b if op == "+" else a - b
        x, y = self.space.by_case(a), self.space.by_case(b)
        if x is not None and y is not None and (op not in ("//", "%") or 0 not in y):
            return self.space.decided([OPERATORS[op](i, j) for i, j in zip(x, y, strict=True)])
        if op in ("min", "max"):
            return a if self.decide(self.space.compare("<=" if op == "min" else ">=", a, b), place) else b
        if op == "*" and (isinstance(a, int) or isinstance(b, int)):
            return times(b, a) if isinstance(a, int) else times(a, b if isinstance(b, int) else 0)
        if op == "*":
            product = self.space.product(a, b) if isinstance(a, Affine) else None
            product = self.space.product(b, a) if product is None and isinstance(b, Affine) else product
            if product is not None:
                return product
        if op == "<<" and isinstance(b, int):
            return times(a, 1 << b)
        if isinstance(a, Affine) and y is not None and op in ("//", "%", ">>"):
            self.require(min(y) >= (op == ">>"), place, "division by zero")
            by = (
                self.space.decided([1 << j for j in y])
                if op == ">>" and not isinstance(b, int)
                else 1 << y[0]
                if op == ">>"
                else b
            )
            return self.divide(a, by) if op != "%" else a - self.round_down(a, by)
        if op == "&":
            return self._masked(a, b, place)
        if op == "|":
            return self.trail.equal(a) | self.trail.equal(b)
        raise SymbolicError(str(place), f"{op!r} of two numbers that depend on inputs is not executed symbolically")

    def divide(self, a: Affine, by: Number) -> Number:
        """``a // by``, exactly where it is known."""
        counter = self.trail.counter
        if counter is not None and any(n == counter.name and (not isinstance(by, int) or k % by) for n, k in a.parts):
            raise ValueError("a loop over pages divides its counter")
        if isinstance(by, int):
            whole = Affine(0, tuple((n, k) for n, k in a.parts if k % by == 0))
            rest = a - whole if whole.parts else a
            lo, hi = self.space.bounds(rest)
            if lo // by == hi // by:
                exact = Affine(lo // by, tuple((n, k // by) for n, k in whole.parts))
                return exact if exact.parts else lo // by
            if whole.parts and isinstance(rest, Affine):
                return Affine(0, tuple((n, k // by) for n, k in whole.parts)) + self.space.quotient(rest, by)
        return self.space.quotient(a, by)

    def round_down(self, a: Affine, by: Number) -> Number:
        """``a // by * by``."""
        return times(self.divide(a, by), by) if isinstance(by, int) else self.space.rounded(a, by)

    def _masked(self, a: Number, b: Number, place: t.Place) -> Number:
        """``a & b`` where one of them keeps the low bits, or all others."""
        for value, mask in ((a, b), (b, a)):
            each = self.space.by_case(mask)
            if each is None or not isinstance(value, Affine):
                continue
            if all(m < 0 and -m & (-m - 1) == 0 for m in each):
                return self.round_down(value, 0 - mask)
            if all(m >= 0 and m & (m + 1) == 0 for m in each):
                return value - self.round_down(value, mask + 1)
        raise SymbolicError(str(place), "only masks of low bits are executed symbolically")

    def low_bits(self, value: Number, bits: int, place: t.Place) -> Number:
        """The low bits of a number."""
        top = 1 << bits
        if isinstance(value, int):
            return value & (top - 1)
        lo, hi = self.space.bounds(value)
        if lo >= 0 and hi < top:
            return value
        turns = self.trail.value(value) // top * top
        compare = self.space.compare
        self.decide(junction("and", [compare("<=", turns, value), compare("<", value, turns + top)]), place)
        return value - turns


OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "min": min,
    "max": max,
}
