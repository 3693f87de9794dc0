"""What moves when records are renamed or threads exchanged, taken from the renamings of `checker.reduce`.

A renaming that turns an array round by one element shows all there is to know: its cycles are the bytes, and the
records' numbers, that correspond in the elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checker.errors import AssumptionError
from checker.native.constants import Constants, fields
from checker.native.kernels.canon import Axis, Kind, Plan
from checker.reduce.references import References
from checker.reduce.renaming import Group, Renaming


@dataclass(slots=True)
class Movement:
    """Bytes of each element, and the numbers of its records by type, in corresponding order."""

    start: int
    places: list[tuple[int, ...]]
    numbers: dict[str, list[tuple[int, ...]]]

    def joined(self, other: Movement) -> Movement:
        """Both at once."""
        types = [*dict.fromkeys([*self.numbers, *other.numbers])]
        numbers = {to: _beside(self.numbers.get(to, []), other.numbers.get(to, [])) for to in types}
        return Movement(self.start, _beside(self.places, other.places), numbers)

    def touched(self) -> list[tuple[str, int]]:
        """Each byte, and each type with a number, as often as it occurs."""
        out = [(" ", at) for places in self.places for at in places]
        return out + [(to, n) for to, elements in self.numbers.items() for numbers in elements for n in numbers]


def _beside(a: list[tuple[int, ...]], b: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return [(*x, *y) for x, y in zip(a, b, strict=True)] if a and b else a or b


def movement(renaming: Renaming, size: int, start: int) -> Movement:
    """The movement of a renaming that turns an array of this size round by one: element 0 is now what 1 was."""
    source = {at: old for at, old in enumerate(renaming._source) if at != old}
    numbers = {}
    for to, table in renaming.tables.items():
        moved = {new: old for old, new in enumerate(table) if new != old}
        if moved:
            numbers[to] = _corresponding(moved, size)
    return Movement(start, _corresponding(source, size), numbers)


def _corresponding(following: Mapping[int, int], size: int) -> list[tuple[int, ...]]:
    """For each element, what belongs to it, given for each item the corresponding one of the next element."""
    cycles = []
    seen: set[int] = set()
    for first in sorted(following):
        if first not in seen:
            cycle = [first]
            while (item := following[cycle[-1]]) != first:
                cycle.append(item)
            seen.update(cycle)
            if cycle != sorted(cycle) or len(cycle) != size:
                raise AssertionError(f"{cycle} should be one ascending item for each of {size} elements")
            cycles.append(cycle)
    return [tuple(cycle[e] for cycle in cycles) for e in range(size)]


def turned(size: int) -> tuple[int, ...]:
    """The order that turns an array round by one."""
    return (*range(1, size), 0)


def of_groups(references: References, groups: Sequence[Group]) -> list[list[Movement]]:
    """What moves with exchangeable threads: at once, or one after the other where arrays of threads lie in their elements.

    Raises
    ------
    AssumptionError
        A PerThread array lies in the records of another.
    """
    _require_flat(references)
    still = range(len(references.threads))
    start, arrays, threads = 0, [], []
    for g in groups:
        order = turned(g.size)
        new = list(still)
        for index, old in enumerate(order):
            for a, b in zip(g.of(old), g.of(index), strict=True):
                new[a] = b
        arrays.append(movement(Renaming(references, {g.array: order}, still), g.size, start))
        threads.append(movement(Renaming(references, {}, new), g.size, start))
        start += g.size
    touched = [item for m in (*arrays, *threads) for item in m.touched()]
    if len(touched) == len(set(touched)):
        return [[a.joined(t) for a, t in zip(arrays, threads, strict=True)]]
    return [arrays, threads]


def _require_flat(references: References) -> None:
    records = references.schema.records

    def inside(record: str) -> Iterator[str]:
        for f in records[record].fields.values():
            if f.per_thread:
                yield f"{record}.{f.name}"
            if f.nested:
                yield from inside(f.nested)

    for record in records.values():
        for f in record.fields.values():
            for inner in inside(f.nested) if f.per_thread and f.nested else ():
                raise AssumptionError(
                    f"{record.name}.{f.name} and {inner} are PerThread arrays, one in the other; native code does not "
                    "exchange threads then: leave the reduction 'threads' out, or use the reference engine (--engine python)"
                )


def plan(
    memory: Constants, references: References, movements: Sequence[Movement], types: Mapping[str, int], tables: int
) -> list[int]:
    """The `Plan` of movements that are made at once; ``tables`` is the offset of a table for each type."""
    followed = {to for m in movements for to in m.numbers if to in references.heap or _saved(references, to)}
    offset = {to: tables + 256 * types[to] for to in followed}
    axes, kinds = [], []
    for m in movements:
        of = [(to, i) for to in m.numbers if to in followed for i in range(len(m.numbers[to][0]))]
        values = [m.numbers[to][e][i] for e in range(len(m.places)) for to, i in of]
        axes.append(
            fields(
                Axis,
                start=m.start,
                length=len(m.places),
                width=len(m.places[0]),
                places=memory.places(at for places in m.places for at in places)[0],
                numbers=len(of),
                values=memory.halves(values)[0],
                tables=memory.words(offset[to] for to, _ in of)[0],
            )
        )
    for to in sorted(followed, key=types.__getitem__):
        first, stop = memory.places(references.heap.get(to, ()))
        kinds.append(fields(Kind, table=offset[to], places=first, places_stop=stop))
    axis, axes_stop = memory.structs(axes)
    kind, kinds_stop = memory.structs(kinds)
    by_type = [offset.get(to, 0) for to in sorted(types, key=types.__getitem__)]
    return fields(Plan, axes=axis, axes_stop=axes_stop, kinds=kind, kinds_stop=kinds_stop, tables=memory.words(by_type)[0])


def _saved(references: References, to: str) -> bool:
    return any(to in by for labels in references.saved for by in labels.values())
