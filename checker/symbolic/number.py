"""Exact integers as bit-vectors that are always wide enough.

Temporaries of the language are exact integers, and sums of bit-vectors are what z3 decides well. So each number
carries an interval that it provably lies in, and is a signed bit-vector of just the width that the interval needs:
an operation first widens its operands to the width of its result, so nothing can overflow and no obligation is
needed. Only `low_bits` (``u64``, a store into a `Wrap` field) drops bits, as the language says.
"""

from __future__ import annotations

from typing import Any

import z3

from checker.errors import CheckerError

Term = Any
"""A z3 expression (z3 has no types)."""

WIDEST = 512
"""A number that needs more bits than this is taken for a mistake."""


class SymbolicError(CheckerError):
    """The execution cannot go on soundly: says where, what was seen and what to do."""

    exit_code = 120

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")


class Num:
    """An integer between ``lo`` and ``hi``; a constant when they are equal.

    Parameters
    ----------
    lo, hi : int
        Inclusive; the caller vouches for them.
    term : z3 bit-vector, optional
        Signed and at least as wide as the interval needs; absent for a constant.
    """

    __slots__ = ("_term", "hi", "lo")

    def __init__(self, lo: int, hi: int, term: Term = None) -> None:
        self.lo, self.hi = lo, hi
        width = width_of(lo, hi)
        if lo == hi:
            term = z3.BitVecVal(lo, width)
        elif term.size() > width:
            term = z3.Extract(width - 1, 0, term)
        self._term = term

    @property
    def constant(self) -> int | None:
        """The value, if it is known."""
        return self.lo if self.lo == self.hi else None

    def at(self, width: int) -> Term:
        """The low ``width`` bits as a bit-vector, sign extended."""
        have = self._term.size()
        if self.lo == self.hi:
            return z3.BitVecVal(self.lo, width)
        if width <= have:
            return self._term if width == have else z3.Extract(width - 1, 0, self._term)
        return (z3.ZeroExt if self.lo >= 0 else z3.SignExt)(width - have, self._term)

    @property
    def term(self) -> Term:
        """The bit-vector, as wide as the interval needs."""
        return self._term

    def __repr__(self) -> str:
        """The term, for debugging."""
        return f"{type(self).__name__}({self.term})"

    def narrowed(self, lo: int, hi: int) -> Num:
        """The same number, for a caller who knows that it lies in ``lo..hi``."""
        return Num(lo, hi, self.term)

    def chosen(self, condition: Term, a: Num, b: Num) -> Num:
        """``a`` if the condition holds, else ``b``, of which this number, no constant, is one."""
        lo, hi = min(a.lo, b.lo), max(a.hi, b.hi)
        width = width_of(lo, hi)
        return Num(lo, hi, z3.If(condition, a.at(width), b.at(width)))

    def low(self, bits: int) -> Num:
        """The low ``bits`` bits as an unsigned number."""
        return word(self.at(bits))

    def __add__(self, other: Num | int) -> Num:
        """The exact sum."""
        b = num(other)
        return _apply(self.lo + b.lo, self.hi + b.hi, self, b, lambda x, y: x + y)

    def __sub__(self, other: Num | int) -> Num:
        """The exact difference."""
        b = num(other)
        return _apply(self.lo - b.hi, self.hi - b.lo, self, b, lambda x, y: x - y)

    def __mul__(self, other: Num | int) -> Num:
        """The exact product."""
        b = num(other)
        ends = [x * y for x in (self.lo, self.hi) for y in (b.lo, b.hi)]
        return _apply(min(ends), max(ends), self, b, lambda x, y: x * y)

    def __lshift__(self, other: Num | int) -> Num:
        """The exact shift; the amount must be known to be at least 0 and small."""
        b = num(other)
        if b.lo < 0 or b.hi > WIDEST:
            raise ValueError(f"a shift by {b.lo}..{b.hi}")
        ends = [x << y for x in (self.lo, self.hi) for y in (b.lo, b.hi)]
        return _apply(min(ends), max(ends), self, b, lambda x, y: x << y)

    def __rshift__(self, other: Num | int) -> Num:
        """The shift that rounds down; the amount must be known to be at least 0."""
        b = num(other)
        if b.lo < 0:
            raise ValueError(f"a shift by {b.lo}..{b.hi}")
        ends = [x >> min(y, WIDEST) for x in (self.lo, self.hi) for y in (b.lo, b.hi)]
        return _apply(min(ends), max(ends), self, b, lambda x, y: x >> y)

    def __and__(self, other: Num | int) -> Num:
        """Bitwise and, in two's complement of unlimited length."""
        b = num(other)
        tops = [x.hi for x in (self, b) if x.lo >= 0]
        lo, hi = (0, min(tops)) if tops else _any(self, b)
        return _apply(lo, hi, self, b, lambda x, y: x & y)

    def __or__(self, other: Num | int) -> Num:
        """Bitwise or."""
        b = num(other)
        lo, hi = _any(self, b)
        if self.lo >= 0 and b.lo >= 0:
            lo = max(self.lo, b.lo)
        return _apply(lo, hi, self, b, lambda x, y: x | y)

    def __xor__(self, other: Num | int) -> Num:
        """Bitwise exclusive or."""
        b = num(other)
        lo, hi = _any(self, b)
        return _apply(lo if min(self.lo, b.lo) < 0 else 0, hi, self, b, lambda x, y: x ^ y)

    def __invert__(self) -> Num:
        """Bitwise not: -1 - x."""
        return num(-1) - self

    def __neg__(self) -> Num:
        """The negative."""
        return num(0) - self

    def __le__(self, other: Num | int) -> Term:
        """A truth value."""
        b = num(other)
        if self.hi <= b.lo or self.lo > b.hi:
            return z3.BoolVal(self.hi <= b.lo)
        return _relate(self, b, lambda x, y: x <= y)

    def __lt__(self, other: Num | int) -> Term:
        """A truth value."""
        b = num(other)
        if self.hi < b.lo or self.lo >= b.hi:
            return z3.BoolVal(self.hi < b.lo)
        return _relate(self, b, lambda x, y: x < y)

    def __ge__(self, other: Num | int) -> Term:
        """A truth value."""
        return num(other) <= self

    def __gt__(self, other: Num | int) -> Term:
        """A truth value."""
        return num(other) < self

    def __eq__(self, other: object) -> Any:
        """A truth value, as a term."""
        assert isinstance(other, (Num, int))
        b = num(other)
        if self.hi < b.lo or self.lo > b.hi:
            return z3.BoolVal(False)
        if self.lo == self.hi == b.lo == b.hi or self._term.eq(b._term):
            return z3.BoolVal(True)
        return _relate(self, b, lambda x, y: x == y)

    def __ne__(self, other: object) -> Any:
        """A truth value, as a term."""
        return negation(self == other)

    __hash__ = None  # type: ignore[assignment]


def num(value: Num | int) -> Num:
    """A number from a constant."""
    return value if isinstance(value, Num) else Num(int(value), int(value))


def width_of(lo: int, hi: int) -> int:
    """Bits of a signed word that holds ``lo`` and ``hi``."""
    width = 1 + max((v if v >= 0 else ~v).bit_length() for v in (lo, hi))
    if width > WIDEST:
        raise ValueError(f"a number of {width} bits")
    return width


def unsigned(name: str, bits: int, lo: int = 0) -> Num:
    """A variable of ``bits`` bits; that it is at least ``lo`` is the caller's premise."""
    return word(z3.BitVec(name, bits), lo)


def word(term: Term, lo: int = 0) -> Num:
    """The number that an unsigned bit-vector stands for; that it is at least ``lo`` is the caller's premise."""
    return Num(lo, 2 ** term.size() - 1, z3.ZeroExt(1, term))


def low_bits(value: Num, bits: int) -> Num:
    """The low ``bits`` bits as an unsigned number."""
    if value.lo >= 0 and value.hi < 2**bits:
        return value
    if value.constant is not None:
        return num(value.constant & (2**bits - 1))
    return value.low(bits)


def within(value: Num, lo: int, hi: int) -> Num:
    """The same number, for a caller who knows that it lies in ``lo..hi``."""
    lo, hi = max(value.lo, lo), min(value.hi, hi)
    if lo > hi or (lo, hi) == (value.lo, value.hi):
        return value
    return value.narrowed(lo, hi)


def choice(condition: Term, a: Num, b: Num) -> Num:
    """``a`` if the condition holds, else ``b``."""
    if z3.is_true(condition) or ((a.lo, a.hi) == (b.lo, b.hi) and a.term.eq(b.term)):
        return a
    if z3.is_false(condition):
        return b
    return (b if a.constant is not None else a).chosen(condition, a, b)


def quotient(a: Num, b: Num) -> tuple[Num, Num]:
    """Floor division and remainder; the divisor must be known to be positive."""
    if b.lo <= 0:
        raise ValueError(f"a division by {b.lo}..{b.hi}; only positive divisors are executed symbolically")
    if a.constant is not None and b.constant is not None:
        return num(a.constant // b.constant), num(a.constant % b.constant)
    ends = [x // y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    if a.lo >= 0:
        q = _apply(min(ends), max(ends), a, b, lambda x, y: z3.UDiv(x, y))
    else:
        q = _apply(min(ends), max(ends), a, b, lambda x, y: z3.If(x >= 0, z3.UDiv(x, y), ~z3.UDiv(~x, y)))
    width = width_of(min(a.lo, -b.hi), max(a.hi, b.hi))
    return q, Num(0, b.hi - 1, a.at(width) - q.at(width) * b.at(width))


def negation(condition: Term) -> Term:
    """Not, with constants folded."""
    if z3.is_true(condition) or z3.is_false(condition):
        return z3.BoolVal(z3.is_false(condition))
    return condition.arg(0) if z3.is_not(condition) else z3.Not(condition)


def conjunction(parts: list[Term]) -> Term:
    """And, with constants folded."""
    kept = [p for p in parts if not z3.is_true(p)]
    if any(z3.is_false(p) for p in kept):
        return z3.BoolVal(False)
    if not kept:
        return z3.BoolVal(True)
    return kept[0] if len(kept) == 1 else z3.And(*kept)


def disjunction(parts: list[Term]) -> Term:
    """Or, with constants folded."""
    return negation(conjunction([negation(p) for p in parts]))


def _any(a: Num, b: Num) -> tuple[int, int]:
    """What any bitwise operation stays within."""
    bits = max(width_of(a.lo, a.hi), width_of(b.lo, b.hi)) - 1
    return -(2**bits), 2**bits - 1


def _apply(lo: int, hi: int, a: Num, b: Num, op: Any) -> Num:
    width = max(width_of(lo, hi), a.term.size(), b.term.size())
    if lo != hi and a.constant is not None and b.constant is not None:
        value = z3.simplify(op(a.at(width), b.at(width))).as_signed_long()
        return num(value)
    return Num(lo, hi, None if lo == hi else op(a.at(width), b.at(width)))


def _relate(a: Num, b: Num, op: Any) -> Term:
    if a.constant is not None and b.constant is not None:
        return z3.BoolVal(bool(op(a.constant, b.constant)))
    width = max(a.term.size(), b.term.size())
    return op(a.at(width), b.at(width))
