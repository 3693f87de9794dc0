"""The cells of a state by path, with values that a reader understands."""

from __future__ import annotations

from collections.abc import Iterable

from checker.report.naming import Names
from checker.trace.trace import Value
from spec.language.schema import Schema

Cell = tuple[str, str, int, int | None, int]


class Paths:
    """Paths and values of the cells of one schema.

    Parameters
    ----------
    schema : Schema
    threads : list of str
        Names of the threads: a lock's owner is one of them.
    """

    def __init__(self, schema: Schema, threads: list[str]) -> None:
        self._schema, self._threads, self._names = schema, threads, Names(schema)

    def path(self, record: str, field: str, number: int, index: int | None) -> str:
        """The path of a cell from the root."""
        return self._names.cell(record, field, number, index)

    def value(self, record: str, field: str, number: int) -> Value:
        """The content of a cell: integers and truth values as they are, all else by name."""
        scalar = self._schema.records[record].fields[field].scalar
        assert scalar is not None
        if scalar.kind == "bool":
            return bool(number)
        if scalar.kind == "lock" or scalar.thread:
            return self._threads[number - 1] if number else ("free" if scalar.kind == "lock" else "no thread")
        if scalar.kind == "ref" or scalar.names:
            return self._names.scalar(scalar, number)
        return number

    def cells(self, cells: Iterable[Cell]) -> dict[str, Value]:
        """A state, as `World.cells` gives it, by path."""
        return {self.path(*c[:4]): self.value(c[0], c[1], c[4]) for c in cells}

    def ghosts(self, cells: Iterable[Cell]) -> frozenset[str]:
        """The paths of the observer's cells."""
        return frozenset(self.path(*c[:4]) for c in cells if self._names.ghost(c[0], c[1]))
