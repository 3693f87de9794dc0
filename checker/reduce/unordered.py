"""Sorting the arrays whose order means nothing."""

from __future__ import annotations

from dataclasses import dataclass

from checker.lowering.layout import Layout
from checker.reduce.references import target
from spec.language.schema import Schema


@dataclass(frozen=True, slots=True)
class Multiset:
    """One unordered array: its bytes, the width of a cell, and the type that its cells refer to, if any."""

    start: int
    stop: int
    width: int
    to: str | None


def multisets(schema: Schema, layout: Layout) -> list[Multiset]:
    """The unordered arrays of a state with more than one cell."""
    out = []
    for name, record in schema.records.items():
        for f in record.fields.values():
            if f.unordered and f.scalar is not None and (f.length or 0) > 1:
                c = layout.cells[name, f.name]
                size = c.length * c.width
                starts = range(c.base, c.base + size * c.count, size)
                out += [Multiset(at, at + size, c.width, target(f.scalar)) for at in starts]
    return out


def sort(state: bytes, arrays: list[Multiset]) -> bytes:
    """The state with each of these arrays in ascending order of its bytes, zeros last: what is empty stays behind."""
    out = None
    for m in arrays:
        cells = state[m.start : m.stop]
        if m.width == 1:
            ordered = bytes(sorted(cells)).lstrip(b"\0").ljust(len(cells), b"\0")
        else:
            zero = bytes(m.width)
            ordered = b"".join(
                sorted((cells[i : i + m.width] for i in range(0, len(cells), m.width)), key=lambda c: (c == zero, c))
            )
        if ordered != cells:
            out = out or bytearray(state)
            out[m.start : m.stop] = ordered
    return state if out is None else bytes(out)
