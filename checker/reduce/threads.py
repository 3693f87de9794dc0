"""Exchanging threads that differ in nothing but their number.

Each gets a key that says all about it without naming another: its label and locals, its element, its elements of
per-thread arrays, and where else it is referred to. Keys decide the order. Threads with equal keys are twins, and their
order means nothing, unless some thread refers to another; then every order of them is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from checker.reduce.naming import gather
from checker.reduce.references import THREAD, References
from checker.reduce.renaming import Group, Order
from checker.reduce.unordered import Multiset

OTHER = 254
"""Stands in a key for any other thread that may be exchanged."""

Spot = tuple[int, bytes]


class _Member:
    """One element of a group with its threads, and how its key is read."""

    def __init__(self, exchange: Exchange, group: Group, element: int) -> None:
        refs = exchange.references
        places = exchange.sections[group.array][element]
        index = {at: i for i, at in enumerate(places)}
        self.read = gather(places)
        self.tables = exchange.tables(group, element)
        self.spots: list[Spot] = []
        for to, table in self.tables.items():
            self.spots += [(index[at], table) for at in refs.heap.get(to, ()) if at in index]
        self.saved: list[tuple[int, dict[int, list[Spot]]]] = []
        for thread in group.of(element):
            spots = {
                label: [(index[at], self.tables[to]) for to, ats in by.items() if to in self.tables for at in ats]
                for label, by in refs.saved[thread].items()
            }
            self.saved.append((thread, spots))


class Exchange:
    """The orders in which the threads of a state may stand.

    Attributes
    ----------
    sections : dict
        For each group, by its array, the bytes of each element in corresponding order.
    moved : list of str
        The types whose numbers change when threads are exchanged.
    """

    def __init__(self, references: References, groups: Sequence[Group], arrays: list[Multiset]) -> None:
        self.references, self.groups = references, groups
        sections = {g.array: [self._section(g, e) for e in range(g.size)] for g in groups}
        places = [at for per in sections.values() for places in per for at in places]
        twice = {at for at in places if places.count(at) > 1}
        self.moved = sorted({to for g in groups for e in range(g.size) for to in self.own(g, e)})
        fuzzy = {at for m in arrays if m.to in self.moved for at in range(m.start, m.stop)}
        fuzzy |= twice
        self._entangled = any(at in fuzzy for at in places)
        self.owned = set(places)
        self.sections = {
            array: [[at for i, at in enumerate(s) if not any(x[i] in fuzzy for x in per)] for s in per]
            for array, per in sections.items()
        }
        self._outside = [
            (to, gather([at for at in references.heap.get(to, ()) if at not in self.owned and at not in fuzzy]))
            for to in self.moved
        ]
        self._multisets = [(m.start, m.stop, str(m.to)) for m in arrays if m.to in self.moved and m.start not in self.owned]
        grouped = self.threads()
        self._others = [(i, saved) for i, saved in enumerate(references.saved) if i not in grouped]
        self._members = [[_Member(self, g, e) for e in range(g.size)] for g in groups]

    def threads(self) -> set[int]:
        """The threads that may be exchanged."""
        return {t for g in self.groups for e in range(g.size) for t in g.of(e)}

    def _section(self, group: Group, element: int) -> list[int]:
        """The bytes that belong to an element and its threads."""
        refs = self.references
        schema, cells = refs.schema, refs.layout.cells
        number = schema.records[schema.root].fields[group.array].first[0] + element
        out = refs.positions(group.record, number)
        for thread in group.of(element):
            for name, record in schema.records.items():
                for f in record.fields.values():
                    if not f.per_thread:
                        continue
                    for n in range(1, record.count + 1):
                        if f.scalar is None:
                            out += refs.positions(f.nested, f.first[n - 1] + thread)
                        else:
                            c = cells[name, f.name]
                            at = c.base + ((n - 1) * c.length + thread) * c.width
                            out += range(at, at + c.width)
            t = refs.threads[thread]
            out += range(t.base, t.base + t.size)
        return out

    def own(self, group: Group, element: int) -> dict[str, list[int]]:
        """The numbers of the records, and threads, that belong to an element, by type."""
        refs = self.references
        out: dict[str, list[int]] = {THREAD: [t + 1 for t in group.of(element)]}

        def walk(record: str, number: int) -> None:
            out.setdefault(record, []).append(number)
            for f in refs.schema.records[record].fields.values():
                if f.nested and f.first:
                    for i in range(1 if f.length is None else f.length):
                        walk(f.nested, f.first[number - 1] + i)

        schema = refs.schema
        walk(group.record, schema.records[schema.root].fields[group.array].first[0] + element)
        for record in schema.records.values():
            for f in record.fields.values():
                if f.per_thread and f.nested:
                    for first in f.first:
                        for thread in group.of(element):
                            walk(f.nested, first + thread)
        return out

    def tables(self, group: Group, element: int) -> dict[str, bytes]:
        """How a key of an element shows references: its own records as those of element 0, others' as `OTHER`."""
        own, like = self.own(group, element), self.own(group, 0)
        out = {}
        for to in self.moved:
            table = bytearray(range(256))
            for g in self.groups:
                for e in range(g.size):
                    for n in self.own(g, e).get(to, ()):
                        table[n] = OTHER
            for n, shown in zip(own.get(to, ()), like.get(to, ()), strict=True):
                table[n] = shown
            out[to] = bytes(table)
        return out

    def orders(self, view: bytes, *, uncertain: bool) -> Iterator[tuple[Order, ...]]:
        """Orders of the elements of each group, the same set for every state that differs in threads only.

        Parameters
        ----------
        view : bytes
            The state, its records named as far as they can be, its unordered arrays sorted.
        uncertain : bool
            Whether equal keys do not make twins: some records have no names yet.
        """
        uncertain = uncertain or self._entangled
        classes: list[list[list[int]]] = []
        tied = False
        for members in self._members:
            keyed: dict[tuple[object, ...], list[int]] = {}
            for e, member in enumerate(members):
                key, crossed = self._key(view, member)
                uncertain = uncertain or crossed
                keyed.setdefault(key, []).append(e)
            tied = tied or len(keyed) < len(members)
            classes.append([keyed[k] for k in sorted(keyed)] if len(keyed) > 1 else list(keyed.values()))
        if not (tied and uncertain):
            return iter([tuple([tuple([e for c in group for e in c]) for group in classes])])
        return product(*(map(_flat, product(*(permutations(c) for c in group))) for group in classes))

    def _key(self, view: bytes, member: _Member) -> tuple[tuple[object, ...], bool]:
        own = bytearray(member.read(view))
        crossed = False
        label = self.references.label
        for i, table in member.spots:
            own[i] = table[own[i]]
            crossed = crossed or own[i] == OTHER
        for thread, saved in member.saved:
            for i, table in saved[label(view, thread)]:
                own[i] = table[own[i]]
                crossed = crossed or own[i] == OTHER
        tables = member.tables
        key: list[object] = [bytes(own)]
        key += [bytes(read(view)).translate(tables[to]) for to, read in self._outside]
        key += [bytes(sorted(view[a:b].translate(tables[to]))) for a, b, to in self._multisets]
        for thread, by_label in self._others:
            by = by_label[label(view, thread)]
            key += [bytes([tables[to][view[at]] for at in ats]) for to, ats in by.items() if to in tables]
        return tuple(key), crossed


def _flat(parts: tuple[tuple[int, ...], ...]) -> Order:
    return tuple([e for part in parts for e in part])
