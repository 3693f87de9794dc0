"""Exact integers as linear forms over z3's integers.

Sums of many page counts are beyond bit-vectors and easy for linear arithmetic. A `Lin` is a constant plus multiples
of atoms; an atom is a z3 integer that is known to lie in an interval. A multiple of the page size stays visible as
one, so that shifting it down again is exact and costs nothing. What is not linear (a division with a remainder, a
mask) needs facts of the path and is done by `checker.symbolic.splitting.numbers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

import z3

from checker.symbolic.number import Num, Term, num, within


@dataclass(frozen=True, slots=True)
class Part:
    """A multiple of an atom, which lies in ``lo..hi``."""

    factor: int
    atom: Term
    lo: int
    hi: int


class Lin(Num):
    """``constant`` plus a sum of parts; never a constant alone: those are plain `Num`.

    Parameters
    ----------
    base : int
        The constant part.
    parts : mapping
        By the id of the atom; no factor is 0.
    lo, hi : int, optional
        A closer interval than the parts say, for a caller who knows it.
    """

    __slots__ = ("base", "parts")

    def __init__(self, base: int, parts: Mapping[int, Part], lo: int | None = None, hi: int | None = None) -> None:
        self.base, self.parts = base, dict(parts)
        ends = [sorted((p.factor * p.lo, p.factor * p.hi)) for p in parts.values()]
        low, high = base + sum(e[0] for e in ends), base + sum(e[1] for e in ends)
        self.lo = low if lo is None else max(lo, low)
        self.hi = high if hi is None else min(hi, high)
        self._term = None

    @property
    def term(self) -> Term:
        """The sum as a z3 integer."""
        if self._term is None:
            self._term = _sum(self.base, self.parts)
        return self._term

    @property
    def factor(self) -> int:
        """The greatest common divisor of the factors."""
        return gcd(*(p.factor for p in self.parts.values()))

    def __add__(self, other: Num | int) -> Num:
        """The sum."""
        return combine(self, 1, num(other), 1)

    __radd__ = __add__

    def __sub__(self, other: Num | int) -> Num:
        """The difference."""
        return combine(self, 1, num(other), -1)

    def __rsub__(self, other: Num | int) -> Num:
        """The difference."""
        return combine(num(other), 1, self, -1)

    def __mul__(self, other: Num | int) -> Num:
        """The product with a constant."""
        return combine(self, constant(other, "a product"), num(0), 1)

    __rmul__ = __mul__

    def __lshift__(self, other: Num | int) -> Num:
        """The shift by a constant."""
        return self * (1 << constant(other, "a shift"))

    def __rlshift__(self, other: Num | int) -> Num:
        """A shift by an unknown amount is not linear."""
        raise ValueError("a shift by an unknown amount is not linear")

    def __rshift__(self, other: Num | int) -> Num:
        """The shift by a constant, if it is exact."""
        return divide(self, 1 << constant(other, "a shift"))

    def __and__(self, other: Num | int) -> Num:
        """Masks need facts of the path."""
        raise ValueError("a mask is not linear")

    __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __rrshift__ = __and__

    def __neg__(self) -> Num:
        """The negative."""
        return self * -1

    def __invert__(self) -> Num:
        """-1 - x."""
        return -self - 1

    def __le__(self, other: Num | int) -> Term:
        """A truth value."""
        return _at_most(self - other, 0)

    def __lt__(self, other: Num | int) -> Term:
        """A truth value."""
        return _at_most(self - other, -1)

    def __ge__(self, other: Num | int) -> Term:
        """A truth value."""
        return _at_most(num(other) - self, 0)

    def __gt__(self, other: Num | int) -> Term:
        """A truth value."""
        return _at_most(num(other) - self, -1)

    def __eq__(self, other: object) -> Any:
        """A truth value, as a term."""
        assert isinstance(other, (Num, int))
        b = num(other)
        if self.hi < b.lo or self.lo > b.hi:
            return z3.BoolVal(False)
        difference = self - b
        if not isinstance(difference, Lin):
            return z3.BoolVal(difference.constant == 0)
        g = difference.factor
        if difference.base % g:
            return z3.BoolVal(False)
        left = {k: p for k, p in difference.parts.items() if p.factor > 0}
        right = {k: _times(p, -1) for k, p in difference.parts.items() if p.factor < 0}
        base = difference.base
        return _sum(max(base, 0) // g, left, g) == _sum(max(-base, 0) // g, right, g)

    __hash__ = None

    def narrowed(self, lo: int, hi: int) -> Num:
        """The same number, for a caller who knows that it lies in ``lo..hi``."""
        lo, hi = max(self.lo, lo), min(self.hi, hi)
        return Lin(self.base, self.parts, lo, hi)

    def chosen(self, condition: Term, a: Num, b: Num) -> Num:
        """``a`` if the condition holds, else ``b``."""
        return choose(condition, a, b)

    def low(self, bits: int) -> Num:
        """Dropping bits needs facts of the path."""
        raise ValueError(f"that a number is one of {bits} bits is not known; dropping bits is not linear")


def integer(term: Term, lo: int, hi: int) -> Num:
    """The number of a z3 integer that lies in ``lo..hi``; that it does is the caller's premise."""
    return num(lo) if lo == hi else Lin(0, {term.get_id(): Part(1, term, lo, hi)})


def constant(value: Num | int, what: str) -> int:
    """The value of a constant.

    Raises
    ------
    ValueError
        It is none.
    """
    known = num(value).constant
    if known is None:
        raise ValueError(f"{what} of two unknown numbers is not linear")
    return known


def combine(a: Num, x: int, b: Num, y: int) -> Num:
    """``x * a + y * b``."""
    base, parts = 0, dict[int, Part]()
    for value, times in ((a, x), (b, y)):
        if times == 0:
            continue
        if not isinstance(value, Lin):
            base += times * constant(value, "a sum of bit-vectors and integers,")
            continue
        base += times * value.base
        for key, p in value.parts.items():
            old = parts.get(key)
            factor = times * p.factor + (old.factor if old else 0)
            lo, hi = (max(p.lo, old.lo), min(p.hi, old.hi)) if old else (p.lo, p.hi)
            parts[key] = Part(factor, p.atom, lo, hi)
    parts = {k: p for k, p in parts.items() if p.factor}
    if not parts:
        return num(base)
    ends = [sorted((t * v.lo, t * v.hi)) for v, t in ((a, x), (b, y)) if t]
    return Lin(base, parts, sum(e[0] for e in ends), sum(e[1] for e in ends))


def divide(value: Num, by: int) -> Num:
    """``value // by`` where that is linear: all that is no multiple of ``by`` stays within one multiple.

    Raises
    ------
    ValueError
        It is not.
    """
    base = value.base if isinstance(value, Lin) else constant(value, "a quotient")
    parts = value.parts if isinstance(value, Lin) else {}
    whole = {k: Part(p.factor // by, p.atom, p.lo, p.hi) for k, p in parts.items() if p.factor % by == 0}
    rest = {k: p for k, p in parts.items() if p.factor % by}
    low = Lin(base, rest)
    if low.lo // by != low.hi // by:
        raise ValueError(f"a division by {by} that leaves an unknown remainder is not linear")
    if not whole:
        return num(low.lo // by)
    return Lin(low.lo // by, whole, value.lo // by, value.hi // by)


def choose(condition: Term, a: Num, b: Num) -> Num:
    """``a`` if the condition holds, else ``b``; what both share stays outside, and so does a common factor."""
    left, right = _parts(a), _parts(b)
    shared = {k: p for k, p in left.items() if k in right and right[k].factor == p.factor}
    rest_a, rest_b = ({k: p for k, p in side.items() if k not in shared} for side in (left, right))
    base_a, base_b = _base(a), _base(b)
    if not rest_a and not rest_b and base_a == base_b:
        return a
    g = gcd(base_b - base_a, *(p.factor for p in (*rest_a.values(), *rest_b.values())))
    apart = z3.If(condition, _sum(0, rest_a, g), _sum((base_b - base_a) // g, rest_b, g))
    ends = Lin(0, rest_a), Lin(base_b - base_a, rest_b)
    lo, hi = min(e.lo for e in ends) // g, max(e.hi for e in ends) // g
    # The choice may be an atom of what is shared, too.
    chosen = combine(Lin(base_a, shared), 1, Lin(0, {apart.get_id(): Part(g, apart, lo, hi)}), 1)
    return within(chosen, min(a.lo, b.lo), max(a.hi, b.hi))


def _parts(value: Num) -> dict[int, Part]:
    return value.parts if isinstance(value, Lin) else {}


def _base(value: Num) -> int:
    return value.base if isinstance(value, Lin) else constant(value, "a choice")


def _times(p: Part, factor: int) -> Part:
    return Part(p.factor * factor, p.atom, p.lo, p.hi)


def _sum(base: int, parts: Mapping[int, Part], divisor: int = 1) -> Term:
    """The sum as a term; ``divisor`` divides the factors, not the base."""
    terms = []
    for p in parts.values():
        factor = p.factor // divisor
        terms.append(p.atom if factor == 1 else factor * p.atom)
    if base or not terms:
        terms.append(z3.IntVal(base))
    return terms[0] if len(terms) == 1 else z3.Sum(terms)


def _at_most(value: Num, bound: int) -> Term:
    """``value <= bound``, divided by the common factor."""
    if value.hi <= bound or value.lo > bound or not isinstance(value, Lin):
        return z3.BoolVal(value.hi <= bound)
    g = value.factor
    left = {k: p for k, p in value.parts.items() if p.factor > 0}
    right = {k: _times(p, -1) for k, p in value.parts.items() if p.factor < 0}
    limit = (bound - value.base) // g
    if not right:
        return _sum(0, left, g) <= limit
    return _sum(max(-limit, 0), left, g) <= _sum(max(limit, 0), right, g)
