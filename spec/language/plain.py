"""Plain objects for a schema: what the spec's functions run on under CPython."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from spec.language.errors import EvaluationError
from spec.language.markers import Lock, Racy
from spec.language.schema import Field, Scalar, Schema

Access = Callable[[Racy, bool], None]
"""Called before each access to a racy field, with its marker and whether it is a store."""


class World:
    """The one root object of a schema and every record in it.

    Parameters
    ----------
    schema : Schema
    checked : bool
        Check each store of a ranged field. Wrapping words always wrap, array indices are always checked.
    access : callable, optional
        Told before each access to a racy field.

    Attributes
    ----------
    root
        The root record.
    records : dict of str to list
        The records of each type, by number (the first has number 1).
    """

    def __init__(self, schema: Schema, *, checked: bool = True, access: Access | None = None) -> None:
        self.schema = schema
        self.records: dict[str, list[Any]] = {name: [] for name in schema.records}
        self._checked = checked
        self._access = access
        self._classes = {name: self._class(name) for name in schema.records}
        self.root: Any = self._make(schema.root)

    def _class(self, name: str) -> type:
        record = self.schema.records[name]
        body: dict[str, Any] = {"__slots__": ["number"], "__repr__": lambda self: f"{name} {self.number}"}
        for f in record.fields.values():
            s = f.scalar
            watched = f.racy if self._access is not None and f.length is None and s is not None else None
            plain = s is None or f.length is not None or (s.kind != "wrap" and not (self._checked and s.kind == "range"))
            if plain and watched is None:
                body["__slots__"].append(f.name)
                continue
            assert s is not None
            slot = "_" + f.name
            body["__slots__"].append(slot)
            body[f.name] = _cell(f"{name}.{f.name}", slot, s, watched, self._access, self._checked)
        return type(name, (record.cls,), body)

    def _make(self, name: str) -> Any:
        obj = self._classes[name]()
        self.records[name].append(obj)
        obj.number = len(self.records[name])
        for f in self.schema.records[name].fields.values():
            if f.nested:
                made = [self._make(f.nested) for _ in range(1 if f.length is None else f.length)]
                value: Any = made[0] if f.length is None else Cells(made, f, name, None, None)
            elif f.length is not None:
                access = self._access if f.racy is not None else None
                value = Cells([_zero(f)] * f.length, f, name, f.scalar if self._checked else None, access)
            else:
                value = _zero(f)
            if f.racy is not None and f.length is None and self._access is not None:
                setattr(obj, "_" + f.name, value)
            else:
                setattr(obj, f.name, value)
        return obj

    def cells(self) -> list[tuple[str, str, int, int | None, int]]:
        """Every cell as (record, field, number, index, value), references and locks as numbers."""
        out: list[tuple[str, str, int, int | None, int]] = []
        for name, record in self.schema.records.items():
            for f in record.fields.values():
                if f.scalar is None:
                    continue
                slot = "_" + f.name
                for obj in self.records[name]:
                    value = getattr(obj, slot) if hasattr(obj, slot) else getattr(obj, f.name)
                    if f.length is None:
                        out.append((name, f.name, obj.number, None, encode(value)))
                    else:
                        out += [(name, f.name, obj.number, i, encode(v)) for i, v in enumerate(list.__iter__(value))]
        return out

    def store(self, record: str, name: str, number: int, index: int | None, value: int) -> None:
        """Set one cell from its number, as `cells` gives it."""
        f = self.schema.records[record].fields[name]
        obj = self.records[record][number - 1]
        slot = "_" + name if hasattr(obj, "_" + name) else name
        assert f.scalar is not None
        if f.scalar.kind == "lock":
            getattr(obj, slot).owner = value
        elif index is None:
            setattr(obj, slot, self.decode(f.scalar, value))
        else:
            list.__setitem__(getattr(obj, slot), index, self.decode(f.scalar, value))

    def decode(self, scalar: Scalar, value: int) -> Any:
        """The Python value that a cell's number stands for."""
        if scalar.kind == "ref":
            return self.records[scalar.record][value - 1] if value else None
        return bool(value) if scalar.kind == "bool" else value


class Cells(list[Any]):
    """An array of a record: indices are checked (Go would panic), words wrap, racy accesses are told."""

    __slots__ = ("_access", "_mask", "_place", "_racy", "_scalar")

    def __init__(self, values: Sequence[Any], f: Field, owner: str, scalar: Scalar | None, access: Access | None) -> None:
        super().__init__(values)
        self._place = f"{owner}.{f.name}"
        self._mask = f.scalar.hi if f.scalar is not None and f.scalar.kind == "wrap" else 0
        self._scalar = scalar if scalar is not None and scalar.kind == "range" else None
        self._access = access
        self._racy = f.racy

    def __getitem__(self, index: Any) -> Any:
        if index < 0 or index >= len(self):
            raise EvaluationError(f"{self._place}[{index}]: index outside 0..{len(self) - 1}")
        if self._access is not None:
            assert self._racy is not None
            self._access(self._racy, False)
        return list.__getitem__(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if index < 0 or index >= len(self):
            raise EvaluationError(f"{self._place}[{index}]: index outside 0..{len(self) - 1}")
        if self._access is not None:
            assert self._racy is not None
            self._access(self._racy, True)
        if self._mask:
            value &= self._mask
        elif self._scalar is not None:
            _in_range(self._place, self._scalar, value)
        list.__setitem__(self, index, value)


def encode(value: Any) -> int:
    """The number of a cell's Python value."""
    if value is None:
        return 0
    if isinstance(value, Lock):
        return value.owner
    if isinstance(value, int):
        return int(value)
    number: int = value.number
    return number


def _zero(f: Field) -> Any:
    assert f.scalar is not None
    if f.scalar.kind == "lock":
        return Lock(f.name)
    if f.scalar.kind == "ref":
        return None
    return False if f.scalar.kind == "bool" else max(f.scalar.lo, 0)


def _in_range(place: str, s: Scalar, value: int) -> None:
    if not s.lo <= value <= s.hi:
        raise EvaluationError(f"{place} = {value}: outside its declared range {s.lo}..{s.hi}")


def _cell(place: str, slot: str, s: Scalar, racy: Racy | None, access: Access | None, checked: bool) -> property:
    mask = s.hi if s.kind == "wrap" else 0
    get = attrgetter(slot)
    if racy is None or access is None:
        if mask:
            return property(get, lambda self, value: setattr(self, slot, value & mask))

        def checked_set(self: Any, value: int) -> None:
            _in_range(place, s, value)
            setattr(self, slot, value)

        return property(get, checked_set)

    told, marker = access, racy

    def watched_get(self: Any) -> Any:
        told(marker, False)
        return get(self)

    def watched_set(self: Any, value: Any) -> None:
        told(marker, True)
        if mask:
            value &= mask
        elif checked and s.kind == "range":
            _in_range(place, s, value)
        setattr(self, slot, value)

    return property(watched_get, watched_set)
