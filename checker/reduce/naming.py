"""Naming interchangeable records by first appearance.

What the root and the threads refer to is named in a fixed order of places, then what the named records refer to.
Two kinds of places have no order yet when naming begins: unordered arrays, which therefore name nothing, and the parts
of the state that belong to threads that may be exchanged, which name in a second round, once their order is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from checker.reduce.references import MASK, References, runs
from checker.reduce.renaming import Order, Renaming, Renamings

Named = tuple[Order, ...]
"""For each block, the elements that have a name, in the order of their names."""

Link = tuple[int, int]
"""Index of the type that is referred to, and the byte that refers to it."""


@dataclass(frozen=True, slots=True)
class Block:
    """An interchangeable array of the root: the first record's number, and the bytes that count the records in use."""

    array: str
    record: str
    first: int
    length: int
    count_at: int
    count_width: int

    def used(self, state: bytes) -> int:
        """How many records are in use."""
        at = self.count_at
        return min(int.from_bytes(state[at : at + self.count_width], "little"), self.length)


class Naming:
    """First appearance.

    Parameters
    ----------
    references : References
    renamings : Renamings
    blocks : sequence of Block
    ordered_later : collection of int
        Bytes that belong to exchangeable threads.
    unordered : collection of int
        Bytes of unordered arrays.
    later : sequence of int
        The exchangeable threads.
    """

    def __init__(
        self,
        references: References,
        renamings: Renamings,
        blocks: Sequence[Block],
        ordered_later: Collection[int],
        unordered: Collection[int],
        later: Collection[int],
    ) -> None:
        self.references, self.renamings, self.blocks = references, renamings, blocks
        self.types = list(dict.fromkeys(b.record for b in blocks))
        self._of = [self.types.index(b.record) for b in blocks]
        self._inside = {
            (t, n): references.positions(b.record, n)
            for b, t in zip(blocks, self._of, strict=True)
            for n in range(b.first, b.first + b.length)
        }
        inside = {at for places in self._inside.values() for at in places}
        apart = inside | set(ordered_later) | set(unordered)
        heap = [references.heap.get(to, ()) for to in self.types]
        self._roots = [gather([at for at in places if at not in apart]) for places in heap]
        second = set(ordered_later) - inside - set(unordered)
        self._second = [(t, at) for t, places in enumerate(heap) for at in places if at in second]
        target = {at: t for t, places in enumerate(heap) for at in places if at not in unordered}
        self._links: dict[Link, tuple[Link, ...]] = {}
        self._all_links: dict[Link, tuple[Link, ...]] = {}
        for key, places in self._inside.items():
            self._all_links[key] = tuple((target[at], at) for at in places if at in target)
            self._links[key] = tuple((t, at) for t, at in self._all_links[key] if at not in ordered_later)
        saved = [(i, {label: self._by_type(by) for label, by in labels.items()}) for i, labels in enumerate(references.saved)]
        saved = [(i, labels) for i, labels in saved if any(labels.values())]
        self._locals = [(i, labels) for i, labels in saved if i not in later]
        self._second_locals = [(i, labels) for i, labels in saved if i in later]
        self._live: dict[tuple[int, ...], tuple[list[frozenset[int]], int]] = {}
        self._plans: dict[tuple[tuple[int, ...], Named], Renaming | None] = {}

    def _by_type(self, places: dict[str, tuple[int, ...]]) -> tuple[Link, ...]:
        return tuple((self.types.index(to), at) for to, ats in places.items() if to in self.types for at in ats)

    def live(self, state: bytes) -> tuple[tuple[int, ...], list[frozenset[int]], int]:
        """The counts of records in use, their numbers by type, and how many there are."""
        counts = tuple([b.used(state) for b in self.blocks])
        known = self._live.get(counts)
        if known is None:
            sets: list[set[int]] = [set() for _ in self.types]
            for b, t, n in zip(self.blocks, self._of, counts, strict=True):
                sets[t].update(range(b.first, b.first + n))
            known = self._live[counts] = [frozenset(s) for s in sets], sum(counts)
        return counts, *known

    def first(self, state: bytes) -> tuple[bytes, Named, bool]:
        """Name what can be named before threads and unordered arrays have an order.

        Returns
        -------
        state : bytes
            Renamed: the named records come first, the others behind them.
        named : Named
        complete : bool
            Whether every record in use has a name.
        """
        counts, live, total = self.live(state)
        seen: list[dict[int, None]] = [dict.fromkeys(get(state)) for get in self._roots]
        for thread, labels in self._locals:
            for t, at in labels[self.references.label(state, thread)]:
                seen[t][state[at]] = None
        todo = [(t, n) for t, names in enumerate(seen) for n in names if n in live[t]]
        if len(todo) < total:
            trace(state, seen, todo, self._links, live)
        named = self._named(seen, counts)
        return self.rename(state, counts, named), named, len(todo) == total

    def second(self, state: bytes, named: Named) -> tuple[bytes, Named, bool]:
        """As `first`, on a state that it has renamed, once the threads have an order."""
        counts, live, total = self.live(state)
        seen = self._start(named)
        todo = [(t, n) for t, names in enumerate(seen) for n in names]
        for t, at in self._second:
            if state[at] in live[t] and state[at] not in seen[t]:
                seen[t][state[at]] = None
                todo.append((t, state[at]))
        for thread, labels in self._second_locals:
            for t, at in labels[self.references.label(state, thread)]:
                if state[at] in live[t] and state[at] not in seen[t]:
                    seen[t][state[at]] = None
                    todo.append((t, state[at]))
        trace(state, seen, todo, self._all_links, live)
        found = self._named(seen, counts)
        return self.rename(state, counts, found), found, len(todo) == total

    def choose(self, state: bytes, named: Named, chosen: Iterable[Link]) -> tuple[bytes, Named, bool]:
        """Give names to these records, in this order, and then to what they refer to."""
        counts, live, total = self.live(state)
        seen = self._start(named)
        todo = [(t, n) for t, names in enumerate(seen) for n in names]
        for t, n in chosen:
            seen[t][n] = None
            todo.append((t, n))
        trace(state, seen, todo, self._all_links, live)
        found = self._named(seen, counts)
        return self.rename(state, counts, found), found, len(todo) == total

    def _start(self, named: Named) -> list[dict[int, None]]:
        seen: list[dict[int, None]] = [{} for _ in self.types]
        for b, t, order in zip(self.blocks, self._of, named, strict=True):
            seen[t].update(dict.fromkeys(range(b.first, b.first + len(order))))
        return seen

    def _named(self, seen: list[dict[int, None]], counts: tuple[int, ...]) -> Named:
        return tuple(
            [
                tuple([n - b.first for n in seen[t] if b.first <= n < b.first + k])
                for b, t, k in zip(self.blocks, self._of, counts, strict=True)
            ]
        )

    def rename(self, state: bytes, counts: tuple[int, ...], named: Named) -> bytes:
        """The state with these records first, in this order."""
        try:
            plan = self._plans[counts, named]
        except KeyError:
            if len(self._plans) > 50_000:
                self._plans.clear()
            orders = tuple(o + tuple(sorted(set(range(b.length)) - set(o))) for b, o in zip(self.blocks, named, strict=True))
            full = self.renamings.of_names(orders)
            plan = self._plans[counts, named] = None if full.identity else full
        return state if plan is None else plan.apply(state)

    def unnamed(self, state: bytes, named: Named) -> list[Link]:
        """The records in use without a name, of a state in which the named ones come first."""
        counts = [b.used(state) for b in self.blocks]
        parts = zip(self.blocks, self._of, counts, named, strict=True)
        return [(t, n) for b, t, k, order in parts for n in range(b.first + len(order), b.first + k)]

    def masked(self, state: bytes, unnamed: list[Link], *, erase: bool) -> bytes:
        """The state with `MASK` for each reference to a record without a name, and zeros for its cells with ``erase``."""
        out = bytearray(state)
        for t, to in enumerate(self.types):
            numbers = {n for u, n in unnamed if u == t}
            table = bytes(MASK if n in numbers else n for n in range(256))
            for a, b in runs(self.references.heap.get(to, ())):
                out[a:b] = out[a:b].translate(table)
        for thread, labels in [*self._locals, *self._second_locals]:
            for t, at in labels[self.references.label(state, thread)]:
                if (t, out[at]) in unnamed:
                    out[at] = MASK
        if erase:
            for key in unnamed:
                for at in self._inside[key]:
                    out[at] = 0
        return bytes(out)

    def inside(self, record: Link) -> list[int]:
        """The bytes of a record."""
        return self._inside[record]

    def refers(self, state: bytes, record: Link, others: list[Link]) -> bool:
        """Whether a record refers to one of these, unordered arrays included."""
        heap = self.references.heap
        places = self._inside[record]
        return any(state[at] == n for t, n in others for at in heap.get(self.types[t], ()) if at in places)


def trace(
    state: bytes,
    seen: list[dict[int, None]],
    todo: list[Link],
    links: dict[Link, tuple[Link, ...]],
    live: list[frozenset[int]],
) -> None:
    """Follow the references of the records in ``todo``, which grows by what is found."""
    for key in todo:
        for t, at in links[key]:
            n = state[at]
            if n not in seen[t]:
                seen[t][n] = None
                if n in live[t]:
                    todo.append((t, n))


def gather(places: Sequence[int]) -> Callable[[bytes], Sequence[int]]:
    """What reads these bytes of a state."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda state: [state[at] for at in places]
