"""Moving records and threads to other numbers: the cells move, and every reference follows.

A renaming is worked out once from the schema and kept; applying it is a gather and a few translations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from checker.reduce.references import THREAD, References, runs

Order = tuple[int, ...]
"""``order[new] = old``, both indices into an array."""

_KEPT = 20_000
"""Renamings that are kept."""


@dataclass(frozen=True, slots=True)
class Group:
    """Threads that may be exchanged together with the elements of an array of the root.

    Attributes
    ----------
    array, record : str
        The array's field and type.
    size : int
    threads : tuple of int
        For each declaration over this array, the index of the thread of element 0.
    """

    array: str
    record: str
    size: int
    threads: tuple[int, ...]

    def of(self, element: int) -> list[int]:
        """The threads of an element."""
        return [first + element for first in self.threads]


class Renaming:
    """A permutation of bytes, then of values.

    Parameters
    ----------
    references : References
    arrays : mapping
        For arrays of the root, by name, the order of their elements; missing ones stay.
    threads : sequence of int
        For each thread, its new index.
    """

    def __init__(self, references: References, arrays: Mapping[str, Order], threads: Sequence[int]) -> None:
        self._references, self._arrays, self._threads = references, arrays, threads
        schema, layouts = references.schema, references.threads
        size = layouts[-1].base + layouts[-1].size if layouts else references.layout.heap_bytes
        self._source = list(range(size))
        self.tables: dict[str, bytearray] = {to: bytearray(range(256)) for to in (*schema.records, THREAD)}
        self._walk(schema.root, 1, 1)
        for old, new in enumerate(threads):
            a, b = layouts[old], layouts[new]
            self._source[b.base : b.base + b.size] = range(a.base, a.base + a.size)
            self.tables[THREAD][old + 1] = new + 1
        moved = [at for at, source in enumerate(self._source) if at != source]
        self._lo, self._hi = (moved[0], moved[-1] + 1) if moved else (0, 0)
        self._gather = itemgetter(*self._source[self._lo : self._hi]) if moved else None
        plain = bytes(range(256))
        tables = {to: bytes(table) for to, table in self.tables.items() if table != plain}
        self._heap = [(a, b, table) for to, table in tables.items() for a, b in runs(references.heap.get(to, ()))]
        self._saved = []
        for i, saved in enumerate(references.saved):
            places = {
                label: tuple((at, tables[to]) for to, ats in by.items() if to in tables for at in ats)
                for label, by in saved.items()
            }
            if any(places.values()):
                self._saved.append((i, places))
        self.identity = not moved and not tables

    def _walk(self, record: str, old: int, new: int) -> None:
        schema, cells = self._references.schema, self._references.layout.cells
        if old < 256 and new < 256:
            self.tables[record][old] = new
        for f in schema.records[record].fields.values():
            length = 1 if f.length is None else f.length
            order: Sequence[int] = range(length)
            if f.per_thread:
                order = sorted(range(length), key=lambda i: self._threads[i])
            elif record == schema.root and f.name in self._arrays:
                order = self._arrays[f.name]
            if f.scalar is not None:
                c = cells[record, f.name]
                for j, i in enumerate(order):
                    a, b = (c.base + ((n - 1) * length + k) * c.width for n, k in ((old, i), (new, j)))
                    self._source[b : b + c.width] = range(a, a + c.width)
            elif f.first:
                for j, i in enumerate(order):
                    self._walk(f.nested, f.first[old - 1] + i, f.first[new - 1] + j)

    def apply(self, state: bytes) -> bytes:
        """The renamed state."""
        out = bytearray(state)
        if self._gather is not None:
            out[self._lo : self._hi] = bytes(self._gather(state))
        for a, b, table in self._heap:
            out[a:b] = out[a:b].translate(table)
        label = self._references.label
        for thread, places in self._saved:
            for at, table in places[label(out, thread)]:
                out[at] = table[out[at]]
        return bytes(out)


class Renamings:
    """All renamings of one layout, made when they are first wanted."""

    def __init__(self, references: References, blocks: Sequence[str], groups: Sequence[Group]) -> None:
        self._references, self._blocks, self._groups = references, blocks, groups
        self._by_names: dict[tuple[Order, ...], Renaming] = {}
        self._by_threads: dict[tuple[Order, ...], Renaming] = {}

    def of_names(self, orders: tuple[Order, ...]) -> Renaming:
        """Rename the records of the interchangeable arrays."""
        found = self._by_names.get(orders)
        if found is None:
            if len(self._by_names) > _KEPT:
                self._by_names.clear()
            arrays = dict(zip(self._blocks, orders, strict=True))
            found = Renaming(self._references, arrays, range(len(self._references.threads)))
            self._by_names[orders] = found
        return found

    def of_threads(self, orders: tuple[Order, ...]) -> Renaming:
        """Rename the elements of each group, with their threads."""
        found = self._by_threads.get(orders)
        if found is None:
            if len(self._by_threads) > _KEPT:
                self._by_threads.clear()
            threads = list(range(len(self._references.threads)))
            for group, order in zip(self._groups, orders, strict=True):
                for new, old in enumerate(order):
                    for a, b in zip(group.of(old), group.of(new), strict=True):
                        threads[a] = b
            arrays = {g.array: o for g, o in zip(self._groups, orders, strict=True)}
            found = self._by_threads[orders] = Renaming(self._references, arrays, threads)
        return found
