"""Arithmetic of linear numbers.

Whatever is not linear (a quotient with a remainder, a word that may wrap, rounding to a variable power of two) is named
by a fresh constant with the linear facts that define it.
"""

from __future__ import annotations

import z3

from checker.frontend import tree as t
from checker.symbolic.cells import term
from checker.symbolic.evaluate import arithmetic_of
from checker.symbolic.linear import Lin, divide, integer
from checker.symbolic.memory import Value, select
from checker.symbolic.number import Num, conjunction, disjunction, low_bits, num, quotient, within
from checker.symbolic.splitting.guards import Fork, Guarded
from checker.symbolic.state import State


class Numbers(Guarded):
    """Executes operators and tables of constants."""

    def _table(self, state: State, e: t.Table) -> Value:
        i = self.number(state, e.index)
        if i.constant is not None and 0 <= i.constant < len(e.values):
            return num(e.values[i.constant])
        ok = conjunction([num(0) <= i, i < len(e.values)])
        self.require(state, ok, "index", e.place, f"constant table: index outside 0..{len(e.values) - 1}")
        value = z3.IntVal(e.values[-1])
        for k in range(len(e.values) - 2, -1, -1):
            value = select(i == k, z3.IntVal(e.values[k]), value)
        entry = self.fresh("entry", min(e.values), max(e.values))
        self.path.tell(term(entry) == value)
        return entry

    def low_bits(self, state: State, value: Num, bits: int) -> Num:
        """The low bits of a number: itself where it is known to fit, else it less a multiple of the word."""
        if not isinstance(value, Lin):
            return low_bits(value, bits)
        top = 1 << bits
        if (value.lo >= 0 and value.hi < top) or self.proves(conjunction([value >= 0, value < top])):
            return within(value, 0, top - 1)
        turns = self.fresh("turns", value.lo // top, value.hi // top)
        low = value - turns * top
        self.path.tell(low >= 0, low < top)
        return within(low, 0, top - 1)

    def arithmetic(self, state: State, op: str, a: Num, b: Num) -> Num:
        """The result of an operator."""
        if not isinstance(a, Lin) and not isinstance(b, Lin):
            return super().arithmetic(state, op, a, b)
        try:
            return self._linear(op, a, b)
        except ValueError:
            if self._guards:
                raise Fork from None
            raise

    def _linear(self, op: str, a: Num, b: Num) -> Num:
        """The result of an operator on numbers of which one is no constant."""
        if op in ("min", "max"):
            value: Num = self.memory.select(a <= b if op == "min" else b <= a, a, b)
            return value
        if op in ("//", ">>", "%"):
            by = b.constant
            if by is None or by < 0:
                raise ValueError("a quotient of two unknown numbers is not linear")
            q = self.quotient(a, 1 << by if op == ">>" else by)
            return within(a - q * by, 0, by - 1) if op == "%" else q
        if op == "&":
            return self._mask_number(a, b)
        if op == "|":
            return self._union(a, b)
        return arithmetic_of(op, a, b)

    def quotient(self, a: Num, by: int) -> Num:
        """``a // by``: exact, or a fresh number between the multiples."""
        if not isinstance(a, Lin):
            return quotient(a, num(by))[0]
        try:
            return divide(a, by)
        except ValueError:
            whole = Lin(0, {k: p for k, p in a.parts.items() if p.factor % by == 0})
            rest = a - whole
            q = self.fresh("quotient", rest.lo // by, rest.hi // by)
            self.path.tell(q * by <= rest, rest < q * by + by)
            return q + (divide(whole, by) if whole.parts else 0)

    def _mask_number(self, a: Num, b: Num) -> Num:
        """``a & b`` where one keeps either the low bits or all but the low bits, up to a power of two."""
        for value, mask in ((a, b), (b, a)):
            known = mask.constant
            if known is not None and known < 0 and -known & (-known - 1) == 0:
                return self.quotient(value, -known) * -known
            if known is not None and known >= 0 and known & (known + 1) == 0:
                return within(value - self.quotient(value, known + 1) * (known + 1), 0, known)
            if isinstance(mask, Lin) and mask.hi < 0:
                return self.round_down(value, -mask)
        raise ValueError("only masks of low bits are executed")

    def _union(self, a: Num, b: Num) -> Num:
        """``a | b``: of two bits exactly, else any number that is at least both and, if one is 0, the other."""
        if a.lo < 0 or b.lo < 0:
            raise ValueError("negative numbers are not united")
        if not self.proves(conjunction([a <= 1, b <= 1])):
            union = self.fresh("union", max(a.lo, b.lo), (1 << max(a.hi, b.hi).bit_length()) - 1)
            self.path.tell(union >= a, union >= b, z3.Implies(a == 0, union == b), z3.Implies(b == 0, union == a))
            return union
        bit: Num = self.memory.select(disjunction([a == 1, b == 1]), num(1), num(0))
        return bit

    def round_down(self, value: Num, unit: Num) -> Num:
        """The largest multiple of a variable power of two that is at most ``value``."""
        if not isinstance(unit, Lin) or len(unit.parts) != 1 or unit.base:
            raise ValueError("the unit of rounding is no variable")
        (part,) = unit.parts.values()
        size = integer(part.atom, part.lo, part.hi)
        return self.memory.round_down(self.quotient(value, part.factor), size) * part.factor
