"""The memory of a native search: the visited set, two levels of packed states, and how each state was reached.

Of how a state was reached only two numbers are kept, of two bytes each: which successor of its parent it is, and how many
new states it led to itself. States lie in the order in which they were found, so that is enough to find its parent.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate

from checker.errors import UnreadableInput
from checker.native.engine import Engine
from checker.native.kernels.structs import EXACT, FP128
from checker.search.checkpoint_file import Saved
from checker.search.memory import Arena, MemoryRefused, resident_memory

_FIRST_BITS = 16
_FULL = 0.7
"""Share of the visited set that is filled before it grows."""
_HUGE = 1 << 22
_SUM = 1 << 16
_PIECE = 1 << 24


def capacity(bits: int) -> int:
    """States that a visited set is filled to."""
    return int((1 << bits) * _FULL)


class Storage:
    """The memory that an `Engine` searches in.

    Parameters
    ----------
    engine : Engine
    memory : int, optional
        Bytes that the process may have; what the machine has if absent.
    """

    def __init__(self, engine: Engine, memory: int | None) -> None:
        self._engine, self._search, self._memory = engine, engine.search, memory
        self._exact = engine.search["mode"] == EXACT
        self._entry = 16 if engine.search["mode"] == FP128 else 8
        most = min(memory or _physical(), _physical())
        self._packed = engine.search["packed"]
        self._ordinals, self._children = Arena(most), Arena(most)
        self._states = [Arena(most)] if self._exact else [Arena(most), Arena(most)]
        self._now = 0  # which of the two holds the present level
        self._starts = [0]  # number of the first state of each level
        self._bits = _FIRST_BITS
        self._table = Arena(self._entry << self._bits)
        self._larger: Arena | None = None
        self._released = 0
        self._search.update(table=self._table.address, table_bits=self._bits, room=capacity(self._bits))
        self._search.update(stored=self._states[0].address, following=self._states[0].address)

    def begin_level(self, count: int, number: int) -> None:
        """Make the next level the present one; ``number`` is that of the level to come."""
        c = self._search
        total = c["states"]
        first = total - count
        if len(self._starts) < number:
            self._starts.append(first)
        assert self._starts[-1] == first
        if self._exact:
            level = self._states[0].address + first * self._packed
            following, room = level + count * self._packed, self._states[0].size // self._packed - total
        else:
            if number > 1:
                self._states[self._now].release(0, self._states[self._now].size)
                self._now ^= 1
            level, following = (self._states[self._now ^ i].address for i in (0, 1))
            room = self._states[0].size // self._packed
        self._released = 0
        c.update(level=level, level_count=count, level_at=0, following=following, following_count=0, following_room=room)
        c.update(before=total, ordinals=self._ordinals.address + 2 * total, children=self._children.address + 2 * first)

    def release_consumed(self) -> None:
        """Give back the memory of states that have been expanded."""
        if not self._exact:
            done = self._search["level_at"] * self._packed
            if done - self._released > _HUGE:
                self._states[self._now].release(self._released, done)
                self._released = done

    def grown(self) -> tuple[int, int, int, int] | None:
        """A larger visited set, as `regrow` takes it; None if there is no memory for it."""
        bits = self._bits + (2 if self._bits < 22 else 1)
        if self._memory is not None and resident_memory() + (self._entry << bits) > self._memory:
            bits = self._bits + 1
            if resident_memory() + (self._entry << bits) > self._memory:
                return None
        self._larger = Arena(self._entry << bits)
        if self._larger.size >= _HUGE:
            self._larger.huge()
        old, self._bits = self._bits, bits
        return self._larger.address, bits, self._table.address, old

    def use_grown(self) -> None:
        """Go on with the larger visited set, which is filled now."""
        assert self._larger is not None
        self._table.close()
        self._table, self._larger = self._larger, None
        self._search.update(table=self._table.address, table_bits=self._bits, room=capacity(self._bits))

    @property
    def bits(self) -> int:
        """Size of the visited set: the logarithm of its entries."""
        return self._bits

    def sections(self) -> dict[str, Iterable[memoryview]]:
        """What is kept in a checkpoint, by name: pieces of memory."""
        return {name: _pieces(arena, start, stop) for name, (arena, start, stop) in self._ranges().items()}

    def restore(self, saved: Saved, bits: int, levels: Sequence[int], counts: Mapping[str, int]) -> None:
        """Take back what was kept: the visited set's `bits`, the size of each level, and counts of `Search`.

        Raises
        ------
        UnreadableInput
            A section has another size than these numbers give it.
        MemoryRefused
            There is not the memory for it.
        """
        self._expect(saved, "table", self._entry << bits)
        self._starts = [0, *accumulate(levels[:-1])]
        self._table.close()
        self._bits = bits
        self._table = Arena(self._entry << bits)
        self._search.update(**counts, table=self._table.address, table_bits=bits, room=capacity(bits))
        total, following = counts["states"], counts["following_count"]
        self._search["states"] = total - following  # as they were when the level began
        self.begin_level(counts["level_count"], len(self._starts))
        self._search.update(**counts)
        ranges = self._ranges()
        for name, (arena, start, stop) in ranges.items():
            self._expect(saved, name, stop - start)
            if stop > arena.size:
                raise MemoryRefused(
                    f"{saved.path} needs {stop} bytes of memory in one piece, and a search may have {arena.size} here; "
                    "allow more (--memory), or resume on a larger machine"
                )
        for name, (arena, start, stop) in ranges.items():
            with arena.view(start, stop) as memory:
                saved.read_into(name, memory)

    def _expect(self, saved: Saved, name: str, size: int) -> None:
        """Refuse a section that is missing or of another size."""
        try:
            seen = saved.size(name)
        except KeyError:
            seen = 0
        if seen != size:
            raise UnreadableInput(
                f"{saved.path} cannot be resumed: its section {name!r} has {seen} bytes, and its numbers say {size}; "
                "start again in another folder (--checkpoint)"
            )

    def _ranges(self) -> dict[str, tuple[Arena, int, int]]:
        """The memory in use, between two blocks."""
        c, packed = self._search, self._packed
        total, first = c["states"], self._starts[-1]
        ranges = {
            "table": (self._table, 0, self._entry << self._bits),
            "ordinals": (self._ordinals, 0, 2 * total),
            "children": (self._children, 0, 2 * (first + c["level_at"])),
        }
        if self._exact:
            return {**ranges, "states": (self._states[0], 0, total * packed)}
        level, following = self._states[self._now], self._states[self._now ^ 1]
        ranges["level"] = (level, c["level_at"] * packed, c["level_count"] * packed)
        return {**ranges, "following": (following, 0, c["following_count"] * packed)}

    def way(self, level: int, place: int) -> list[int]:
        """Which successor of its parent each state on the way to this one is."""
        out: list[int] = []
        ordinals = self._ordinals.view(0, self._ordinals.size).cast("H")
        children = self._children.view(0, self._children.size).cast("H")
        try:
            for k in range(level, 0, -1):
                out.append(ordinals[self._starts[k] + place])
                place = _parent(children, self._starts[k - 1], self._starts[k], place)
        finally:
            ordinals.release()
            children.release()
        return out[::-1]

    def close(self) -> None:
        """Give all memory back; where an error's frames still hold a view of it, together with them."""
        for arena in (self._table, self._larger, self._ordinals, self._children, *self._states):
            if arena is not None:
                with suppress(BufferError):
                    arena.close()


def _pieces(arena: Arena, start: int, stop: int) -> Iterator[memoryview]:
    """A range of an arena, piece by piece."""
    for at in range(start, stop, _PIECE):
        with arena.view(at, min(at + _PIECE, stop)) as piece:
            yield piece


def _parent(children: memoryview, start: int, stop: int, place: int) -> int:
    """Which state of a level, from start up to stop, has the child at a place of the next."""
    at = start
    while (block := sum(children[at : min(at + _SUM, stop)])) <= place:
        place, at = place - block, at + _SUM
        if at >= stop:
            raise UnreadableInput("a checkpoint was resumed that has a state without a parent; start again in another folder")
    while children[at] <= place:
        place, at = place - children[at], at + 1
    return at - start


def _physical() -> int:
    """Bytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
