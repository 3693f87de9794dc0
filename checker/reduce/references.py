"""Where each reference, thread number and lock owner lies in the flat state.

Thread numbers are treated as references to records of the type `THREAD`: both name something that can be renamed.
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.lowering.layout import Layout
from checker.lowering.thread_layout import ThreadLayout
from spec.language.schema import Scalar, Schema

THREAD = ""
"""Stands for a record type: the threads, numbered from 1."""

MASK = 255
"""Never the number of a record: types with as many records as this are not renamed."""

LabelPlaces = dict[str, tuple[int, ...]]
"""For each type, the bytes that hold references to it."""


def target(scalar: Scalar) -> str | None:
    """The type that a cell refers to, or None."""
    if scalar.kind == "ref":
        return scalar.record
    return THREAD if scalar.kind == "lock" or scalar.thread else None


class References:
    """The references of one layout.

    Attributes
    ----------
    heap : dict
        For each type, the bytes of the heap part that refer to it, ascending.
    saved : list of dict
        For each thread and label, what the locals saved there refer to.
    narrow : bool
        Whether every reference is one byte, none of which is `MASK`: else nothing can be renamed.
    """

    def __init__(self, schema: Schema, layout: Layout, threads: Sequence[ThreadLayout]) -> None:
        self.schema, self.layout, self.threads = schema, layout, threads
        self.narrow = len(threads) < MASK - 1
        self.heap: LabelPlaces = {}
        places: dict[str, list[int]] = {}
        for cell in layout.cells.values():
            to = target(cell.scalar)
            if to is not None:
                self.narrow = self.narrow and cell.width == 1 and cell.scalar.hi < MASK - 1
                places.setdefault(to, []).extend(cell.base + i * cell.width for i in range(cell.length * cell.count))
        self.heap = {to: tuple(sorted(at)) for to, at in places.items()}
        self.saved = [self._saved(t) for t in threads]

    def _saved(self, thread: ThreadLayout) -> dict[int, LabelPlaces]:
        out: dict[int, LabelPlaces] = {}
        for block, label in thread.labels.items():
            places: dict[str, list[int]] = {}
            for slot in thread.slots[block]:
                to = target(slot.scalar)
                if to is not None:
                    self.narrow = self.narrow and slot.width == 1
                    places.setdefault(to, []).append(thread.base + slot.offset)
            out[label] = {to: tuple(at) for to, at in places.items()}
        out[0] = {}
        return out

    def label(self, state: bytes | bytearray, thread: int) -> int:
        """The label of a thread."""
        t = self.threads[thread]
        return state[t.base] if t.label_width == 1 else int.from_bytes(state[t.base : t.base + t.label_width], "little")

    def held(self, state: bytes, record: str) -> set[int]:
        """The records of a type to which a local of some thread refers."""
        return {state[at] for i, saved in enumerate(self.saved) for at in saved[self.label(state, i)].get(record, ())}

    def positions(self, record: str, number: int) -> list[int]:
        """The bytes of a record and of those that it holds by value, in order of declaration."""
        out: list[int] = []
        for f in self.schema.records[record].fields.values():
            if f.scalar is not None:
                c = self.layout.cells[record, f.name]
                size = c.length * c.width
                out += range(c.base + (number - 1) * size, c.base + number * size)
            else:
                for i in range(1 if f.length is None else f.length):
                    out += self.positions(f.nested, f.first[number - 1] + i)
        return out


def runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending places as half-open ranges."""
    out: list[tuple[int, int]] = []
    for at in places:
        if out and out[-1][1] == at:
            out[-1] = (out[-1][0], at + 1)
        else:
            out.append((at, at + 1))
    return out
