"""Reading a symbolic heap in the words of the spec: ``view.span(s).npages``."""

from __future__ import annotations

from typing import Any

from checker.symbolic.memory import Memory, Writes
from checker.symbolic.number import Num, num


class View:
    """The heap after some stores.

    Parameters
    ----------
    memory : Memory
    writes : mapping
        Of a path; empty for the initial heap.
    """

    def __init__(self, memory: Memory, writes: Writes | None = None) -> None:
        self._memory = memory
        self._writes = writes or {}

    @property
    def root(self) -> Fields:
        """The root record."""
        return self.record(self._memory.schema.root, num(1))

    def record(self, name: str, number: Num) -> Fields:
        """The record of this type and number."""
        return Fields(self, name, number)

    def _field(self, record: str, name: str, number: Num, index: Num | None) -> Any:
        f = self._memory.schema.records[record].fields[name]
        if f.scalar is not None:
            return self._memory.read(self._writes, record, name, number, index)
        assert len(f.first) == 1, f"{record}.{name}: the owner is not the only {record}"
        return Fields(self, f.nested, num(f.first[0]) + (index if index is not None else num(0)))


class Fields:
    """One record: its fields are attributes, arrays take an index, references are record numbers."""

    def __init__(self, view: View, record: str, number: Num) -> None:
        self._view = view
        self._record = record
        self.number = number

    def __getattr__(self, name: str) -> Any:
        fields = self._view._memory.schema.records[self._record].fields
        if name not in fields:
            raise AttributeError(f"{self._record} has no field {name!r}; it has: {', '.join(fields)}")
        if fields[name].length is not None:
            return _Array(self, name)
        return self._view._field(self._record, name, self.number, None)


class _Array:
    """An array field."""

    def __init__(self, owner: Fields, name: str) -> None:
        self._owner = owner
        self._name = name

    def __getitem__(self, index: Num) -> Any:
        return self._owner._view._field(self._owner._record, self._name, self._owner.number, index)
