"""Where each cell of a schema lies in the flat byte state: one array of cells for each field of each record type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spec.language.schema import Scalar, Schema


@dataclass(frozen=True, slots=True)
class Cell:
    """The cells of one field.

    Attributes
    ----------
    base : int
        Byte offset of the cell of record number 1, index 0.
    width : int
        Bytes in a cell, little endian.
    bias : int
        Subtracted from a value before it is stored; not 0 only for ranges that begin below 0.
    length : int
        Cells in each record: 1, or the array's length.
    count : int
        Records of the type.
    """

    base: int
    width: int
    bias: int
    length: int
    count: int
    scalar: Scalar


def width_of(scalar: Scalar) -> int:
    """Bytes that hold every value of a cell type."""
    top = scalar.hi - min(scalar.lo, 0)
    return next(w for w in (1, 2, 4, 8, 16) if top < 1 << (8 * w))


class Layout:
    """Byte offsets of all cells; the threads' records follow behind ``heap_bytes``."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.cells: dict[tuple[str, str], Cell] = {}
        offset = 0
        for name, record in schema.records.items():
            for f in record.fields.values():
                if f.scalar is None:
                    continue
                width, length = width_of(f.scalar), 1 if f.length is None else f.length
                self.cells[name, f.name] = Cell(offset, width, min(f.scalar.lo, 0), length, record.count, f.scalar)
                offset += width * length * record.count
        self.heap_bytes = offset

    def zero(self, size: int) -> bytearray:
        """A state of ``size`` bytes whose cells hold 0, or the least value that they can if that is above 0."""
        state = bytearray(size)
        for c in self.cells.values():
            cell = (max(c.scalar.lo, 0) - c.bias).to_bytes(c.width, "little")
            state[c.base : c.base + c.width * c.length * c.count] = cell * (c.length * c.count)
        return state

    def values(self, state: bytes) -> Iterator[tuple[str, str, int, int | None, int]]:
        """Every cell as (record, field, number, index, value), in the order of `World.cells`."""
        for name, record in self.schema.records.items():
            for f in record.fields.values():
                if f.scalar is None:
                    continue
                c = self.cells[name, f.name]
                for number in range(1, record.count + 1):
                    for i in range(c.length):
                        at = c.base + ((number - 1) * c.length + i) * c.width
                        value = int.from_bytes(state[at : at + c.width], "little") + c.bias
                        yield name, f.name, number, None if f.length is None else i, value

    def encode(self, cells: Iterator[tuple[str, str, int, int | None, int]], size: int) -> bytearray:
        """A state of ``size`` bytes whose heap part holds the given cells."""
        state = bytearray(size)
        for name, field, number, index, value in cells:
            c = self.cells[name, field]
            at = c.base + ((number - 1) * c.length + (index or 0)) * c.width
            state[at : at + c.width] = (value - c.bias).to_bytes(c.width, "little")
        return state
