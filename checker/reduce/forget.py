"""Setting to zero what nobody will read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from checker.errors import LanguageError
from checker.reduce.references import References
from spec.language import Forget
from spec.language.schema import Schema

Condition = Callable[[bytes, int, int], object]
"""Whether a record's cells are forgotten, given the state, the root and the record's number."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One `Forget` of the spec: its record and fields, and its condition."""

    record: str
    fields: tuple[str, ...]
    when: Condition
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    record: str
    when: Condition
    held: bool
    cells: list[tuple[int, Callable[[bytes], object], object, list[tuple[int, int, bytes]]]]


class Forgetter:
    """All forgetting of one spec.

    Every condition is evaluated on the state as it is, before anything is set to zero. No record is touched to which
    a saved local refers, but by a rule for held ones: its thread may go on to read it, whatever the condition says.
    """

    def __init__(self, references: References, rules: Sequence[Forgotten]) -> None:
        self._references = references
        self._rules = [self._rule(r) for r in rules]

    def _rule(self, rule: Forgotten) -> _Rule:
        layout = self._references.layout
        zero = bytes(layout.zero(layout.heap_bytes))
        out = _Rule(rule.record, rule.when, rule.held, [])
        for number in range(1, self._references.schema.records[rule.record].count + 1):
            parts = []
            for name in rule.fields:
                c = layout.cells[rule.record, name]
                size = c.width * c.length
                at = c.base + (number - 1) * size
                parts.append((at, at + size, zero[at : at + size]))
            get: Callable[[bytes], object] = itemgetter(*(i for a, b, _ in parts for i in range(a, b)))
            out.cells.append((number, get, get(zero), parts))
        return out

    def apply(self, state: bytes, *, held: bool = False) -> bytes:
        """The state without what is forgotten; with ``held`` also in records to which a saved local refers."""
        todo: list[tuple[str, int, bool, list[tuple[int, int, bytes]]]] = []
        for rule in self._rules:
            when = rule.when
            for number, get, nothing, parts in rule.cells:
                if get(state) != nothing and when(state, 1, number):
                    todo.append((rule.record, number, rule.held, parts))
        if not todo:
            return state
        records = {record for record, _, anyway, _ in todo if not anyway}
        kept = {record: set() if held else self._references.held(state, record) for record in records}
        out = bytearray(state)
        for record, number, anyway, parts in todo:
            if anyway or number not in kept[record]:
                for a, b, cells in parts:
                    out[a:b] = cells
        return bytes(out)


def require_cells(schema: Schema, forget: Forget) -> None:
    """Refuse a `Forget` of cells that do not exist."""
    code = forget.when.__code__
    place = f"{code.co_filename}:{code.co_firstlineno}"
    record = schema.records.get(forget.record)
    if record is None:
        raise LanguageError(place, f"Forget({forget.record!r}, ...) names no record; there are: {', '.join(schema.records)}")
    cells = [f.name for f in record.fields.values() if f.scalar is not None]
    for name in forget.fields:
        if name not in cells:
            known = ", ".join(cells)
            raise LanguageError(place, f"Forget({forget.record!r}, ...) names {name!r}, which is no cell; it has: {known}")
    if not forget.fields:
        raise LanguageError(place, f"Forget({forget.record!r}, ...) names no cells; name those that it forgets")
