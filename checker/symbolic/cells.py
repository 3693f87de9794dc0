"""The heap as functions over z3's integers, for linear arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import z3

from checker.symbolic.linear import Lin, choose, integer
from checker.symbolic.memory import Memory, Value, select
from checker.symbolic.number import Num, Term, num
from spec.language.schema import Scalar, Schema

MOST_RECORDS = 1 << 62
"""Record numbers are below this; each span has a page, so they do not bound a heap."""

Given = Callable[[Num, Num | None], Value]
"""The initial content of a cell, from its record's number and index, where a proof says it in words of its own."""


class Cells(Memory):
    """The initial heap.

    Parameters
    ----------
    schema : Schema
    given : dict
        For some fields, their initial content.
    prefix : str
        Of the names of functions and constants.

    Attributes
    ----------
    ghosts : dict
        Functions that the heap itself does not have, with the range of their values; they can be stored to, as the
        fields of a record without a name.
    rounded : list
        Of (value, unit) that were rounded.
    watch : callable, optional
        Is told of each initial cell that is read: record, field, number, index.
    """

    def __init__(self, schema: Schema, given: dict[tuple[str, str], Given] | None = None, prefix: str = "") -> None:
        super().__init__(schema, prefix)
        self.given = given or {}
        self.ghosts: dict[str, tuple[int, int]] = {}
        self.rounded: list[tuple[Num, Num]] = []
        self.watch: Callable[[str, str, Num, Num | None], None] | None = None

    def first(self, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """The initial content of a cell."""
        if self.watch is not None:
            self.watch(record, field, number, index)
        if not record:
            return self.ghost(field, *self.ghosts[field], *((number,) if index is None else (number, index)))
        if (record, field) in self.given:
            return self.given[record, field](number, index)
        return self.function(record, field, number, index)

    def function(self, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """The initial content of a cell as an uninterpreted function; its declared range is noted."""
        scalar = self.scalar(record, field)
        where = [term(number)] + ([term(index)] if index is not None else [])
        cell = self._function(record, field, scalar, len(where))(*where)
        return cell if scalar.kind == "bool" else self.ranged(cell, *_range(scalar))

    def ranged(self, cell: Term, lo: int, hi: int) -> Num:
        """The number of a term of which its declaration says that it lies in ``lo..hi``."""
        if cell.get_id() not in self._seen:
            self._seen.add(cell.get_id())
            self.typed += [lo <= cell, cell <= hi]
        return integer(cell, lo, hi)

    @contextmanager
    def noting(self) -> Iterator[list[Term]]:
        """Collect what is noted of the cells that are read meanwhile, also of those that were read before."""
        seen, start = self._seen, len(self.typed)
        self._seen = set()
        noted: list[Term] = []
        try:
            yield noted
        finally:
            noted += self.typed[start:]
            self._seen |= seen

    def ghost(self, name: str, lo: int, hi: int, *where: Num) -> Num:
        """The value of a function that the heap itself does not have."""
        key = ("", name)
        if key not in self.initial:
            self.initial[key] = z3.Function(f"{self.prefix}{name}", *[z3.IntSort()] * (len(where) + 1))
        return self.ranged(self.initial[key](*(term(w) for w in where)), lo, hi)

    def round_down(self, value: Num, unit: Num) -> Num:
        """The largest multiple of ``unit``, a variable power of two, that is at most ``value``.

        It stays an unknown function of the value, of which two things are noted: the multiple brackets the value, and
        of two values the larger has not the smaller multiple. The claim ``rounding_down`` proves both.
        """
        down = self.ghost(f"down.{unit.term}", value.lo - unit.hi, value.hi, value)
        if not any(term(value).eq(term(v)) and term(unit).eq(term(u)) for v, u in self.rounded):
            self.typed += [down <= value, value < down + unit]
            for other, by in self.rounded:
                if term(by).eq(term(unit)):
                    theirs = self.ghost(f"down.{unit.term}", other.lo - unit.hi, other.hi, other)
                    self.typed += [z3.Implies(value <= other, down <= theirs), z3.Implies(other <= value, theirs <= down)]
            self.rounded.append((value, unit))
        return down

    def select(self, condition: Term, a: Value, b: Value) -> Value:
        """``a`` if the condition holds, else ``b``."""
        if z3.is_true(condition) or z3.is_false(condition):
            return a if z3.is_true(condition) else b
        return choose(condition, a, b) if isinstance(a, Num) else select(condition, a, b)

    def named(self, name: str, value: Value) -> Value:
        """A fresh constant for each part that is not simple already."""
        if isinstance(value, Num):
            if not isinstance(value, Lin):
                return value
            out: Num = num(value.base)
            for p in value.parts.values():
                out = out + self._name(name, integer(p.atom, p.lo, p.hi)) * p.factor
            return out if not isinstance(out, Lin) else Lin(out.base, out.parts, value.lo, value.hi)
        return self._constant(name, value)

    def _name(self, name: str, atom: Num) -> Num:
        named = self._constant(name, atom.term)
        return integer(named, atom.lo, atom.hi)

    def _constant(self, name: str, value: Term) -> Term:
        if value.decl().kind() in (z3.Z3_OP_UNINTERPRETED, z3.Z3_OP_ANUM, z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return value
        constant = z3.Const(f"{self.prefix}{name}!{len(self.definitions)}", value.sort())
        self.definitions.append((constant, value))
        return constant

    def _function(self, record: str, field: str, scalar: Scalar, arity: int) -> Term:
        key = (record, field)
        if key not in self.initial:
            sort = z3.BoolSort() if scalar.kind == "bool" else z3.IntSort()
            self.initial[key] = z3.Function(f"{self.prefix}{record}.{field}", *[z3.IntSort()] * arity, sort)
        return self.initial[key]


def term(value: Num) -> Term:
    """The number as a z3 integer."""
    return value.term if isinstance(value, Lin) else z3.IntVal(_constant(value))


def _constant(value: Num) -> Any:
    assert value.constant is not None, f"{value} is a bit-vector; this memory holds integers"
    return value.constant


def _range(scalar: Scalar) -> tuple[int, int]:
    return (0, MOST_RECORDS) if scalar.kind == "ref" else (scalar.lo, scalar.hi)
