"""The heap on one path: cells by place, and arrays over pages as stores to ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.symbolic.exploration.affine import Affine, Number, replaced
from checker.symbolic.number import SymbolicError
from spec.language.plain import World, encode
from spec.language.schema import Field, Schema

LONG = 16
"""An array of cells that is longer is one over pages: its content is kept by ranges."""

Place = tuple[str, str, int, int]
"""Record, field, number, and index; -1 where there is none."""

Array = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Layer:
    """The elements from ``start`` up to ``stop`` have this value, unless a later layer covers them."""

    start: Number
    stop: Number
    value: Any


@dataclass(slots=True)
class Heap:
    """What an operation finds, and then what it leaves.

    Attributes
    ----------
    first : mapping
        The content in state 0; shared.
    cells : dict
        What was stored since.
    layers : dict
        By array, oldest first.
    """

    first: dict[Place, Any]
    cells: dict[Place, Any] = field(default_factory=dict)
    layers: dict[Array, tuple[Layer, ...]] = field(default_factory=dict)

    def copy(self) -> Heap:
        """An independent copy."""
        return Heap(self.first, dict(self.cells), dict(self.layers))

    def replace(self, values: Mapping[str, int]) -> None:
        """Put in what is known of variables."""
        for place, v in self.cells.items():
            if isinstance(v, Affine):
                self.cells[place] = replaced(v, values)
        for array, layers in self.layers.items():
            self.layers[array] = tuple(
                Layer(replaced(x.start, values), replaced(x.stop, values), _put(x.value, values)) for x in layers
            )

    def load(self, place: Place) -> Any:
        """The content of a cell."""
        value = self.cells.get(place, self)
        return self.first[place] if value is self else value


def _put(value: Any, values: Mapping[str, int]) -> Any:
    return replaced(value, values) if isinstance(value, Affine) else value


def is_long(f: Field) -> bool:
    """Whether an array is kept by ranges."""
    return f.scalar is not None and f.length is not None and f.length > LONG


def content(world: World) -> dict[Place, Any]:
    """The content of a plain heap; an array over pages must have the same one everywhere.

    Raises
    ------
    SymbolicError
        It has not.
    """
    out: dict[Place, Any] = {}
    for name, record in world.schema.records.items():
        for f in record.fields.values():
            if f.scalar is None:
                continue
            for obj in world.records[name]:
                value = getattr(obj, f.name)
                if f.length is None:
                    out[name, f.name, obj.number, -1] = _content(value)
                    continue
                if not is_long(f):
                    out |= {(name, f.name, obj.number, i): _content(v) for i, v in enumerate(list.__iter__(value))}
                    continue
                kinds = set(list.__iter__(value))
                if len(kinds) > 1:
                    raise SymbolicError(f"{name}.{f.name}", "state 0 has different elements; build it from equal ones")
                out[name, f.name, obj.number, -1] = _content(kinds.pop())
    return out


def _content(value: Any) -> Any:
    return value if isinstance(value, bool) else encode(value)


def lengths(schemas: list[Schema]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The length of each array, for each value of the parameter; all else must be the same."""
    out: dict[tuple[str, str], tuple[int, ...]] = {}
    for name, record in schemas[0].records.items():
        if any(s.records[name].count != record.count for s in schemas):
            raise SymbolicError(name, "how many there are depends on a parameter that varies; give it a value with --set")
        for f in record.fields.values():
            if any(s.records[name].fields[f.name].scalar != f.scalar for s in schemas):
                raise SymbolicError(
                    f"{name}.{f.name}", "its range depends on a parameter that varies; give it a value with --set"
                )
            if f.length is not None:
                out[name, f.name] = tuple(s.records[name].fields[f.name].length or 0 for s in schemas)
    return out
