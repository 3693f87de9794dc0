"""The heap as functions: each field maps a record's number (and an index) to its content.

The initial content is an uninterpreted function; a store is a point update, kept in a list; a read looks through
the list from the newest store to the oldest. A read that meets stores gets a name, a fresh constant with a
defining equation: without names, terms grow with every step and nothing finishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import z3

from checker.symbolic.number import Num, Term, choice, conjunction, num, width_of, word
from spec.language.schema import Scalar, Schema

NUMBER_BITS = 64
"""Bits of a record's number and of an index. Each span takes a page, so 64-bit numbers do not bound a heap."""

Value = Any
"""A `Num` (integers, and references as record numbers, 0 for None), a z3 truth value, or a tuple of values."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Write:
    """One store, which counts if its guard holds; with a ``stop``, one to each index from ``index`` up to it."""

    guard: Term
    number: Num
    index: Num | None
    value: Value
    stop: Num | None = None

    def hits(self, number: Num, index: Num | None) -> Term:
        """That this store is one to the cell."""
        parts = [self.guard, number == self.number]
        if index is not None and self.index is not None:
            parts += [index == self.index] if self.stop is None else [self.index <= index, index < self.stop]
        return conjunction(parts)


Writes = Mapping[Key, tuple[Write, ...]]


class Memory:
    """The initial heap, and reading through stores.

    Parameters
    ----------
    schema : Schema
    prefix : str
        Of the names of functions and constants.

    Attributes
    ----------
    initial : dict
        The uninterpreted function of each field that was read.
    definitions : list
        Of (constant, term), in order: a term mentions only constants before it.
    typed : list
        What the declared ranges say about initial cells that were read.
    """

    def __init__(self, schema: Schema, prefix: str = "") -> None:
        self.schema = schema
        self.prefix = prefix
        self.initial: dict[Key, Term] = {}
        self.definitions: list[tuple[Term, Term]] = []
        self.typed: list[Term] = []
        self._seen: set[int] = set()

    def scalar(self, record: str, field: str) -> Scalar:
        """The declared content of a cell."""
        scalar = self.schema.records[record].fields[field].scalar
        assert scalar is not None, f"{record}.{field} is no cell"
        return scalar

    def read(self, writes: Writes, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """The content of a cell after these stores."""
        value: Value = None
        pending: list[tuple[Term, Value]] = []
        for w in reversed(writes.get((record, field), ())):
            same = w.hits(number, index)
            if z3.is_true(same):
                value = w.value
                break
            if not z3.is_false(same):
                pending.append((same, w.value))
        if value is None:
            value = self.first(record, field, number, index)
        if not pending:
            return value
        for same, stored in reversed(pending):
            value = self.select(same, stored, value)
        return self.named(f"{record}.{field}", value)

    def first(self, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """The initial content of a cell."""
        scalar = self.scalar(record, field)
        where = [number.at(NUMBER_BITS)] + ([index.at(NUMBER_BITS)] if index is not None else [])
        cell = self._function(record, field, scalar, len(where))(*where)
        if scalar.kind == "bool":
            return cell
        if scalar.kind == "ref":
            return word(cell)
        if scalar.lo < 0:
            return self._in_range(cell, Num(-(2 ** (cell.size() - 1)), 2 ** (cell.size() - 1) - 1, cell), scalar)
        return self._in_range(cell, word(cell), scalar)

    def select(self, condition: Term, a: Value, b: Value) -> Value:
        """``a`` if the condition holds, else ``b``."""
        return select(condition, a, b)

    def named(self, name: str, value: Value) -> Value:
        """A fresh constant that equals the value, unless it is simple already."""
        term = value.term if isinstance(value, Num) else value
        if term.num_args() == 0 or (isinstance(value, Num) and value.constant is not None):
            return value
        constant = z3.Const(f"{self.prefix}{name}!{len(self.definitions)}", term.sort())
        self.definitions.append((constant, term))
        return Num(value.lo, value.hi, constant) if isinstance(value, Num) else constant

    def assumptions(self) -> list[Term]:
        """What holds of every initial heap: definitions and declared ranges."""
        return [c == t for c, t in self.definitions] + self.typed

    def _function(self, record: str, field: str, scalar: Scalar, arity: int) -> Term:
        key = (record, field)
        if key not in self.initial:
            sort = z3.BoolSort() if scalar.kind == "bool" else z3.BitVecSort(cell_bits(scalar))
            sorts = [z3.BitVecSort(NUMBER_BITS)] * arity
            self.initial[key] = z3.Function(f"{self.prefix}{record}.{field}", *sorts, sort)
        return self.initial[key]

    def _in_range(self, cell: Term, value: Num, scalar: Scalar) -> Num:
        if (value.lo, value.hi) == (scalar.lo, scalar.hi):
            return value
        if cell.get_id() not in self._seen:
            self._seen.add(cell.get_id())
            self.typed.append(z3.And(num(scalar.lo) <= value, value <= scalar.hi))
        return Num(scalar.lo, scalar.hi, value.term)


def cell_bits(scalar: Scalar) -> int:
    """Width of a cell as a bit-vector: unsigned unless it can be negative."""
    if scalar.kind == "ref":
        return NUMBER_BITS - 1
    return width_of(scalar.lo, scalar.hi) - (scalar.lo >= 0)


def select(condition: Term, a: Value, b: Value) -> Value:
    """``a`` if the condition holds, else ``b``."""
    if isinstance(a, tuple):
        return tuple(select(condition, x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Num) or isinstance(b, Num):
        return choice(condition, integer(a), integer(b))
    if z3.is_true(condition) or a.eq(b):
        return a
    return b if z3.is_false(condition) else z3.If(condition, a, b)


def integer(value: Value) -> Num:
    """A number; a truth value counts as 0 or 1."""
    if isinstance(value, Num):
        return value
    return choice(value, num(1), num(0))
