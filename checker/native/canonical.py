"""The tables by which native code finds canonical forms, made from those of `checker.reduce`."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator, Sequence
from typing import cast

from checker.native.constants import Constants, Room, fields
from checker.native.kernels.canon import Array, Block, Canon, Part, Row, Saved, Shown, Type, Work
from checker.native.movements import Movement, movement, of_groups, plan, turned
from checker.native.thread_keys import ThreadKeys
from checker.reduce import canonical as reference
from checker.reduce.canonical import Canonical
from checker.reduce.naming import Naming
from checker.reduce.references import THREAD
from checker.reduce.renaming import Renaming

WORD = 8


class CanonicalTables:
    """What the kernel `canonical` is given; it must be kept as long as native code runs.

    Parameters
    ----------
    canonical : Canonical
        Of the machine. Rule number i of the kernel is the i-th of its ``forgets``.

    Attributes
    ----------
    address : int
        Of the `Canon`, for any number of workers.
    scratch : int
        Bytes of memory that each worker needs for itself.

    Raises
    ------
    AssumptionError
        Exchanging threads moves something in a way that native code does not follow.
    """

    def __init__(self, canonical: Canonical) -> None:
        self._canonical, self._memory = canonical, Constants()
        self._refs = canonical.references
        schema, threads = self._refs.schema, self._refs.threads
        self._size = threads[-1].base + threads[-1].size if threads else self._refs.layout.heap_bytes
        renamed = canonical._naming.types if canonical._naming else []
        self._types = {to: i for i, to in enumerate(dict.fromkeys([*renamed, *schema.records, THREAD]))}
        self._room = Room(Work.sizeof())
        self._table_room = self._room.take(256 * len(self._types))
        self._ids: dict[tuple[int, int], int] = {}
        self._values: dict[str, int] = dict.fromkeys(Canon.fields, 0)
        self._values |= {"size": self._size, "forms": reference.FORMS, "identity": self._memory.bytes(range(256))[0]}
        self._add_saved()
        self._add_rows()
        arrays = canonical._arrays
        made = [fields(Array, at=m.start, cells=(m.stop - m.start) // m.width, width=m.width) for m in arrays]
        self._list("arrays", self._memory.structs(made))
        if canonical._naming:
            self._add_naming(canonical._naming)
        if canonical._exchange:
            keys = ThreadKeys(self._memory, canonical._exchange, self._types, self._values["saved"])
            self._values |= keys.tables | {"key_size": (keys.size + 7) // 8 * 8}
            plans = [self._plan(m) for m in of_groups(self._refs, canonical.groups)]
            self._list("plans", self._memory.structs(plans))
        self._add_room()
        self.address = self._memory.words(fields(Canon, **self._values))[0]
        self.scratch = self._room.size

    def memory(self) -> ctypes.Array[ctypes.c_uint64]:
        """Memory for one worker."""
        return (ctypes.c_uint64 * (self.scratch // WORD))()

    def _list(self, name: str, bounds: tuple[int, int]) -> None:
        self._values[name], self._values[name + "_stop"] = bounds

    def _plan(self, movements: Sequence[Movement]) -> list[int]:
        return plan(self._memory, self._refs, movements, self._types, self._table_room)

    def _add_saved(self) -> None:
        later = self._canonical._exchange.threads() if self._canonical._exchange else set()
        made = []
        for i, (thread, labels) in enumerate(zip(self._refs.threads, self._refs.saved, strict=True)):
            by_label = [
                [self._types[to] << 32 | at for to, ats in labels.get(label, {}).items() for at in ats]
                for label in range(max(labels) + 1)
            ]
            wide, starts = thread.label_width == 2, self._memory.lists(by_label)
            made.append(fields(Saved, base=thread.base, wide=wide, later=i in later, starts=starts))
        self._list("saved", self._memory.structs(made))

    def _add_rows(self) -> None:
        layout, schema = self._refs.layout, self._refs.schema
        zeros = bytes(layout.zero(self._size))
        self._values["zeros"] = self._memory.bytes(zeros)[0]
        rows = []
        for rule, forget in enumerate(self._canonical._forgets):
            cells = [layout.cells[forget.record, name] for name in forget.fields]
            for number in range(1, schema.records[forget.record].count + 1):
                ranges = [(c.base + (number - 1) * c.width * c.length, c.width * c.length) for c in cells]
                first, stop = self._memory.structs(self._part(at, n, zeros) for a, m in ranges for at, n in _pieces(a, m))
                row = {"rule": rule, "number": number, "type": self._types[forget.record], "anyway": forget.held}
                rows.append(fields(Row, **row, parts=first, parts_stop=stop))
        self._list("rows", self._memory.structs(rows))
        self._values["at_rows"] = self._room.take(WORD * len(rows))

    def _part(self, first: int, length: int, zeros: bytes) -> list[int]:
        at = min(first, max(self._size - WORD, 0))  # what is loaded must not reach beyond the state
        zero = int.from_bytes(zeros[first : first + length], "little")
        mask = (1 << 8 * length) - 1
        return fields(Part, at=at, shift=8 * (first - at), mask=mask, zero=zero, first=first, length=length)

    def _add_naming(self, naming: Naming) -> None:
        memory, refs, every = self._memory, self._refs, range(self._size)
        blocks = sorted(zip(naming.blocks, naming._of, strict=True), key=lambda pair: pair[1])
        made, movements, start = [], [], 1
        for b, t in blocks:
            keys = [(t, n) for n in range(b.first, b.first + b.length)]
            self._ids |= {key: start + i for i, key in enumerate(keys)}
            inside = [naming.inside(key) for key in keys]
            made.append(
                fields(
                    Block,
                    count_at=b.count_at,
                    count_width=b.count_width,
                    length=b.length,
                    start=start,
                    inside=memory.places(at for places in inside for at in places)[0],
                    bytes=len(inside[0]),
                    type=t,
                )
            )
            turn = Renaming(refs, {b.array: turned(b.length)}, range(len(refs.threads)))
            movements.append(movement(turn, b.length, start))
            start += b.length
        self._list("blocks", memory.structs(made))
        self._values["records"] = start - 1
        self._values["block_of"] = memory.words([0, *(i for i, (b, _) in enumerate(blocks) for _ in range(b.length))])[0]
        self._values["names"] = memory.words(self._plan(movements))[0]
        types = []
        for t, to in enumerate(naming.types):
            numbers = memory.halves(self._ids.get((t, n), 0) for n in range(256))[0]
            roots = memory.places(naming._roots[t](cast(bytes, every)))  # it gathers from any sequence: here the places
            places = memory.places(refs.heap.get(to, ()))
            bounds = {"roots": roots[0], "roots_stop": roots[1], "places": places[0], "places_stop": places[1]}
            types.append(fields(Type, ids=numbers, **bounds))
        self._list("types", memory.structs(types))
        self._add_links(naming)
        self._add_shown(naming)

    def _add_links(self, naming: Naming) -> None:
        def listed(of: Collection[tuple[int, int]]) -> list[int]:
            return [t << 32 | at for t, at in of]

        keys, memory = list(self._ids), self._memory
        self._values["links"] = memory.lists([[], *(listed(naming._links[key]) for key in keys)])
        self._values["all_links"] = memory.lists([[], *(listed(naming._all_links[key]) for key in keys)])
        target = {at: t for t, to in enumerate(naming.types) for at in self._refs.heap.get(to, ())}
        inner = ([(target[at], at) for at in naming.inside(key) if at in target] for key in keys)
        self._values["inner"] = memory.lists([[], *map(listed, inner)])
        self._list("second", memory.words(listed(naming._second)))

    def _add_shown(self, naming: Naming) -> None:
        owner = {at: number for key, number in self._ids.items() for at in naming.inside(key)}
        types = {to: t for t, to in enumerate(naming.types)}
        shown = [
            fields(Shown, type=types[m.to], at=m.start, length=m.stop - m.start, owner=owner.get(m.start, 0))
            for m in self._canonical._arrays
            if m.to is not None and m.to in types
        ]
        self._list("shown", self._memory.structs(shown))

    def _add_room(self) -> None:
        """Lay out the rest of a worker's memory."""
        values, room = self._values, self._room
        records, members = values["records"], values["members"]
        naming = self._canonical._naming
        widest = 0 if naming is None else max((len(naming.inside(key)) for key in self._ids), default=0)
        shown = (values["shown_stop"] - values["shown"]) // Shown.sizeof()
        given = WORD * len(self._canonical.blocks)
        values["content_size"] = 1 + widest + 2 * shown
        values["frame_rest"] = given
        values["frame_state"] = frame = given + (2 * records + 7) // 8 * 8
        values["frame_size"] = frame + (self._size + 7) // 8 * 8
        sizes = {
            "marks": records + 1,
            "todo": 2 * records,
            "order": 2 * (records + 1),
            "given": given,
            "before": given,
            "moved": self._size,
            "view": self._size,
            "base": self._size,
            "best": self._size,
            "keys": members * values["key_size"],
            "built": members,
            "same": members,
            "turn": 2 * members,
            "content": (records + 1) * values["content_size"],
            "frames": (records + 2) * values["frame_size"],
        }
        for name, size in sizes.items():
            values["at_" + name] = room.take(size)


def _pieces(first: int, length: int) -> Iterator[tuple[int, int]]:
    """A range of bytes in pieces of at most 8."""
    for at in range(first, first + length, WORD):
        yield at, min(WORD, first + length - at)
