"""Which cells a property reads: the property evaluated on a copy of a state that notes every access."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from checker.load import Spec
from spec.language import Property
from spec.language.plain import Cells, World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

CellName = tuple[str, str, int, int | None]
Note = Callable[[CellName], None]


class ReadingWorld(World):
    """A copy of a state; every read of a cell is noted."""

    def __init__(self, schema: Schema, note: Note) -> None:
        self._note = note
        super().__init__(schema, checked=False)
        for name, record in schema.records.items():
            for f in record.fields.values():
                if f.length is None or f.scalar is None:
                    continue
                for obj in self.records[name]:
                    values = list.__iter__(getattr(obj, f.name))
                    cells = _NotedCells(list(values), f, name, None, None)
                    cells.note, cells.name = note, (name, f.name, obj.number)
                    setattr(obj, f.name, cells)

    def _class(self, name: str) -> type:
        plain = super()._class(name)
        noted = {f.name for f in self.schema.records[name].fields.values() if f.scalar is not None and f.length is None}
        note = self._note

        def get(self: Any, attribute: str) -> Any:
            if attribute in noted:
                note((name, attribute, self.number, None))
            return object.__getattribute__(self, attribute)

        return type(name, (plain,), {"__slots__": (), "__getattribute__": get})


class _NotedCells(Cells):
    """An array of cells whose reads are noted."""

    __slots__ = ("name", "note")
    name: tuple[str, str, int]
    note: Note

    def __getitem__(self, index: Any) -> Any:
        value = super().__getitem__(index)
        self.note((*self.name, index))
        return value


class Reader:
    """Evaluates properties on states and tells which cells the first failure of a clause read.

    Parameters
    ----------
    spec : Spec
    schema : Schema
    """

    def __init__(self, spec: Spec, schema: Schema) -> None:
        self._spec = spec
        self._noted: list[CellName] = []
        self._worlds = [ReadingWorld(schema, self._noted.append) for _ in range(2)]

    def world(self, cells: Sequence[tuple[str, str, int, int | None, int]], number: int = 0) -> ReadingWorld:
        """One of the two worlds, set to a state."""
        world = self._worlds[number]
        for cell in cells:
            world.store(*cell)
        return world

    def failed(self, prop: Property, clause: str, arguments: Sequence[object], number: int) -> tuple[CellName, ...] | None:
        """The cells read for the first failure of a clause, each once, in order; None if the clause holds.

        What was read for it begins with the antecedent above it; before that, other things were looked at.
        """
        runtime = _Segments(self._spec, self._noted, clause, number)
        self._noted.clear()
        with active(runtime):
            prop.function(*arguments)
        found = runtime.found
        return None if found is None else tuple(dict.fromkeys(found))


class _Segments(Runtime):
    """Keeps what was read since the antecedent above the first failure of one clause."""

    def __init__(self, spec: Spec, noted: list[CellName], clause: str, number: int) -> None:
        super().__init__(spec.parameters, number=number)
        self._noted, self._clause = noted, clause
        self._begin = self._last = 0
        self.found: list[CellName] | None = None

    def given(self, condition: bool) -> bool:
        self._begin, self._last = (self._last, len(self._noted)) if condition else (len(self._noted),) * 2
        return super().given(condition)

    def check(self, clause: str, condition: bool, witness: dict[str, object]) -> None:
        if not condition and clause == self._clause and self.found is None:
            self.found = self._noted[self._begin :]
        self._last = len(self._noted)
