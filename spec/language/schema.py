"""The memory of a spec: record types, their fields, and how many instances of each there are.

Every record that a root holds, nested or in an array, is one numbered instance of its type.
A reference is that number from 1, and 0 is None. All executions agree on these numbers.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

from spec.language.errors import DeclarationError
from spec.language.markers import (
    Ghost,
    Interchangeable,
    Lock,
    Names,
    PerThread,
    Racy,
    Range,
    Size,
    ThreadNumber,
    Unordered,
    Wrap,
)
from spec.language.parameters import Parameters

_hints: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def hints_of(declared: Any) -> dict[str, Any]:
    """The annotations of a class or function; they are worked out once, since that compiles each of them."""
    if declared not in _hints:
        _hints[declared] = get_type_hints(declared, include_extras=True)
    return _hints[declared]


@dataclass(frozen=True, slots=True)
class Scalar:
    """What one cell holds: an integer range, a wrapping word, a truth value or a reference."""

    kind: str  # "range" | "wrap" | "bool" | "ref" | "lock"
    lo: int
    hi: int
    record: str = ""  # of a reference
    names: tuple[str, ...] = ()
    thread: bool = False  # a thread's number

    @property
    def width(self) -> int:
        """Bytes in the flat state."""
        span = self.hi - self.lo
        return next(w for w in (1, 2, 4, 8, 16) if span < 1 << (8 * w))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record type.

    ``scalar`` is set for cells, ``nested`` for records held by value; ``length`` is None unless it is an array.
    ``interchangeable``, ``unordered`` and ``per_thread`` say what a reduction may do with an array.
    ``first`` holds, for nested records, the number of the first element for each instance of the owner.
    """

    name: str
    scalar: Scalar | None
    nested: str
    length: int | None
    racy: Racy | None
    ghost: bool
    interchangeable: Interchangeable | None = None
    unordered: bool = False
    per_thread: bool = False
    first: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """A record type: its class, its fields, and the number of its instances."""

    name: str
    cls: type
    fields: dict[str, Field]
    count: int = 0


class Schema:
    """The memory that a root class declares under given parameters.

    Parameters
    ----------
    root : type
        The class whose single instance holds everything.
    parameters : Parameters
        Set already; fixes sizes, ranges and widths.
    threads : int
        Number of threads: what a lock's owner can be.
    """

    def __init__(self, root: type, parameters: Parameters, threads: int) -> None:
        self.parameters = parameters
        self.threads = threads
        self.records: dict[str, Record] = {}
        self.root = root.__name__
        self._declare(root)
        self._number(self.root, 1)
        self._bound_references()

    def _declare(self, cls: type) -> None:
        if cls.__name__ in self.records:
            if self.records[cls.__name__].cls is not cls:
                raise DeclarationError(f"two records are called {cls.__name__}; names must differ")
            return
        record = self.records[cls.__name__] = Record(cls.__name__, cls, {})
        for name, hint in hints_of(cls).items():
            record.fields[name] = self._field(f"{cls.__name__}.{name}", name, hint)

    def _field(self, place: str, name: str, hint: Any) -> Field:
        marks: list[object] = []
        while get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks += more
        racy = next((m for m in marks if isinstance(m, Racy)), None)
        ghost = any(isinstance(m, Ghost) for m in marks)
        length = None
        if get_origin(hint) is list:
            size = next((m for m in marks if isinstance(m, (Size, PerThread))), None)
            if size is None:
                raise DeclarationError(f"{place}: an array needs a Size(...) or PerThread() marker")
            length = self.threads if isinstance(size, PerThread) else self.parameters.resolve(size.of)
            (hint,) = get_args(hint)
            while get_origin(hint) is Annotated:
                hint, *more = get_args(hint)
                marks += more
        scalar = self._scalar(place, hint, marks)
        nested = ""
        if scalar is None:
            nested = hint.__name__
            self._declare(hint)
        interchangeable = next((m for m in marks if isinstance(m, Interchangeable)), None)
        unordered = any(isinstance(m, Unordered) for m in marks)
        per_thread = any(isinstance(m, PerThread) for m in marks)
        return Field(name, scalar, nested, length, racy, ghost, interchangeable, unordered, per_thread)

    def _scalar(self, place: str, hint: Any, marks: list[object]) -> Scalar | None:
        resolve = self.parameters.resolve
        if hint is bool:
            return Scalar("bool", 0, 1)
        if hint is Lock:
            return Scalar("lock", 0, self.threads)
        if hint is int:
            for m in marks:
                if isinstance(m, Range):
                    return Scalar("range", resolve(m.lo), resolve(m.hi))
                if isinstance(m, Wrap):
                    return Scalar("wrap", 0, 2 ** resolve(m.bits) - 1)
                if isinstance(m, Names):
                    return Scalar("range", 0, len(m.names) - 1, names=m.names)
                if isinstance(m, ThreadNumber):
                    return Scalar("range", 0, self.threads, thread=True)
            raise DeclarationError(f"{place}: an int field needs Range(lo, hi), Wrap(bits), Names(...) or ThreadNumber()")
        if get_origin(hint) in (typing.Union, UnionType):
            target = [a for a in get_args(hint) if a is not NoneType]
            if len(target) == 1 and isinstance(target[0], type):
                self._declare(target[0])
                return Scalar("ref", 0, 0, record=target[0].__name__)
        if isinstance(hint, type) and hint.__module__ != "builtins":
            return None
        raise DeclarationError(f"{place}: {hint!r} is no type of the language; use bool, int, a record or 'record | None'")

    def _number(self, name: str, times: int) -> None:
        """Give so many records of a type, and what they hold, the next numbers."""
        record = self.records[name]
        nested = [f for f in record.fields.values() if f.nested]
        if not nested:
            record.count += times
            return
        for _ in range(times):
            record.count += 1
            for f in nested:
                length = 1 if f.length is None else f.length
                f.first.append(self.records[f.nested].count + 1 if length else 0)
                self._number(f.nested, length)

    def _bound_references(self) -> None:
        for record in self.records.values():
            for name, f in list(record.fields.items()):
                if f.scalar is not None and f.scalar.kind == "ref":
                    target = f.scalar.record
                    bounded = Scalar("ref", 0, self.records[target].count, record=target)
                    record.fields[name] = replace(f, scalar=bounded)

    def scalar_of(self, place: str, hint: Any) -> Scalar | None:
        """The cell type that an annotation of a parameter or local names, or None for a plain int."""
        marks: list[object] = []
        while get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks += more
        if hint is int and not any(isinstance(m, (Range, Wrap, Names, ThreadNumber)) for m in marks):
            return None
        if isinstance(hint, type) and hint.__name__ in self.records:
            return Scalar("ref", 1, self.records[hint.__name__].count, record=hint.__name__)
        scalar = self._scalar(place, hint, marks)
        if scalar is not None and scalar.kind == "ref":
            return Scalar("ref", 0, self.records[scalar.record].count, record=scalar.record)
        return scalar
