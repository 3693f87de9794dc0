"""Tables of how exchangeable threads are compared, taken from `checker.reduce.threads`."""

from __future__ import annotations

from collections.abc import Mapping

from checker.native.constants import Constants, fields
from checker.native.kernels.canon import SAVED, Bag, Group, Member, Own
from checker.reduce.references import References
from checker.reduce.threads import Exchange, Spot, _Member


class ThreadKeys:
    """The tables of one `Exchange`.

    Parameters
    ----------
    memory : Constants
    exchange : Exchange
    types : mapping
        The number of each type.
    saved : int
        The address of the threads' `Saved`.

    Attributes
    ----------
    tables : dict
        Those fields of `Canon` that are about keys.
    members : int
        How many members there are over all groups.
    size : int
        Bytes of the longest key.
    """

    def __init__(self, memory: Constants, exchange: Exchange, types: Mapping[str, int], saved: int) -> None:
        self._memory, self._exchange, self._saved = memory, exchange, saved
        self._slots = {to: i for i, to in enumerate(exchange.moved)}
        refs = exchange.references
        every = range(refs.threads[-1].base + refs.threads[-1].size)
        outside = [self._slots[to] << 32 | at for to, get in exchange._outside for at in get(every)]  # type: ignore[arg-type]
        bags = [(self._slots[to], a, b - a) for a, b, to in exchange._multisets]
        self.members, self._own = 0, 0
        groups = memory.structs([self._group(i) for i in range(len(exchange.groups))])
        others = sum(self._longest(refs, thread) for thread, _ in exchange._others)
        self.size = self._own + len(outside) + sum(n for _, _, n in bags) + others
        outside_at, bags_at = memory.words(outside), memory.structs(fields(Bag, slot=s, at=a, length=n) for s, a, n in bags)
        slot_of = [self._slots.get(to, -1) + 1 for to in sorted(types, key=types.__getitem__)]
        self.tables = {
            "groups": groups[0],
            "groups_stop": groups[1],
            "members": self.members,
            "entangled": int(exchange._entangled),
            "outside": outside_at[0],
            "outside_stop": outside_at[1],
            "bags": bags_at[0],
            "bags_stop": bags_at[1],
            "slots": memory.words(slot_of)[0],
        }

    def _longest(self, refs: References, thread: int) -> int:
        """The most bytes that the locals of a thread add to a key."""
        return max(sum(len(ats) for to, ats in by.items() if to in self._slots) for by in refs.saved[thread].values())

    def _group(self, number: int) -> list[int]:
        exchange, memory = self._exchange, self._memory
        members = exchange._members[number]
        width = len(exchange.sections[exchange.groups[number].array][0])
        spots = self._spots(members[0], members[0].spots)
        changing = [i for m in members for _, labels in m.saved for by in labels.values() for i, _ in by]
        start = self.members
        self.members += len(members)
        self._own = max(self._own, width)
        first, stop = memory.words(spots)
        return fields(
            Group,
            start=start,
            size=len(members),
            width=width,
            plain=min([i for i, _ in members[0].spots] + changing + [width]),
            members=memory.structs(self._member(number, e, m) for e, m in enumerate(members))[0],
            spots=first,
            spots_stop=stop,
        )

    def _spots(self, member: _Member, spots: list[Spot]) -> list[int]:
        slot_of = {id(table): self._slots[to] for to, table in member.tables.items()}
        return [slot_of[id(table)] << 32 | i for i, table in spots]

    def _member(self, group: int, element: int, member: _Member) -> list[int]:
        exchange, memory = self._exchange, self._memory
        own = []
        for thread, labels in member.saved:
            by_label = [self._spots(member, labels.get(label, [])) for label in range(max(labels) + 1)]
            own.append(fields(Own, saved=self._saved + thread * SAVED, starts=memory.lists(by_label)))
        first, stop = memory.structs(own)
        return fields(
            Member,
            places=memory.places(exchange.sections[exchange.groups[group].array][element])[0],
            tables=memory.bytes(byte for to in exchange.moved for byte in member.tables[to])[0],
            threads=first,
            threads_stop=stop,
        )
