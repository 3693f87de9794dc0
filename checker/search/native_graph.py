"""The state graph of a lowered scenario, made by machine code: array by array the one of `checker.search.explore_graph`."""

from __future__ import annotations

import ctypes
import os
from array import array
from collections.abc import Callable, Sequence
from typing import NoReturn, overload

from checker.lowering.machine import Machine
from checker.native.compiled import Compiled
from checker.native.engine import Engine
from checker.native.kernels.graph import MARKS_DIFFER, Graph
from checker.native.kernels.structs import EXACT, FAILED, FULL, GROW
from checker.native.machine import canon_of, fail, initial
from checker.native.words import Words
from checker.search.breadth_first import Limits, Progress
from checker.search.graph import StateGraph
from checker.search.graph_search import Explored, GraphSearch, marks_differ, require_graph
from checker.search.memory import Arena, resident_memory
from spec.language import Property

_STATE = {"offsets": 8, "enabled": 8, "marked": 8}
_STEP = {"target": 4, "thread": 1, "choice": 4}
"""The arrays with an entry for each state, and for each step, and the bytes of one."""

_NUMBERS = 1 << 32
"""States that a target of four bytes can name."""

_FIRST_BITS = 16
_FULL = 0.7
"""Share of the table that is filled before it grows."""


def explore_graph(
    machine: Machine, properties: Sequence[Property], limits: Limits, report: Callable[[Progress], None] | None = None
) -> Explored:
    """Make the graph; property k of those given marks its states with the bits 2k and 2k + 1.

    The memory of the graph goes when nothing refers to its arrays any more.

    Raises
    ------
    CheckerError
        There are more threads or properties than a word has bits, or the threads are exchanged.
    Unsound
        A property reads what may be forgotten.
    """
    require_graph(machine, properties)
    search = _Search(machine, properties, limits, report)
    try:
        return search.run()
    finally:
        search.close()


class PackedForms(Sequence[bytes]):
    """The canonical forms of the states by number, unpacked where one is asked for."""

    def __init__(self, compiled: Compiled, packed: memoryview, address: int, width: int, size: int) -> None:
        self._compiled, self._packed, self._address, self._width, self._size = compiled, packed, address, width, size
        self._unpack = compiled.function("unpack")
        self._room = ctypes.create_string_buffer(size + 8)

    def __len__(self) -> int:
        return len(self._packed) // self._width

    @overload
    def __getitem__(self, number: int) -> bytes: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...

    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        """One form, or several."""
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"state {number} of {len(self)}")
        self._unpack(self._address + number % len(self) * self._width, ctypes.addressof(self._room))
        return self._room.raw[: self._size]


def _numbers(memory: memoryview, width: int) -> memoryview:
    """Bytes as numbers of 1, 4 or 8 bytes."""
    return memory.cast("Q") if width == 8 else memory.cast("I") if width == 4 else memory


class _Search(GraphSearch):
    """The arrays lie in memory that is reserved for as many states and steps as the machine could hold."""

    def __init__(
        self, machine: Machine, properties: Sequence[Property], limits: Limits, report: Callable[[Progress], None] | None
    ) -> None:
        super().__init__(limits, report)
        self.machine = machine
        self._compiled = Compiled(machine)
        self._engine = Engine(machine, self._compiled, mode=EXACT, canon=canon_of(machine))
        self._search, self._worker = self._engine.search, self._engine.workers[0]
        self._worker["collects"] = 1
        self._graph = Words(Graph, self._engine.blocks.take(Graph.sizeof()))
        most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        self._packed = self._search["packed"]
        states = min(most // (self._packed + sum(_STATE.values())), _NUMBERS)
        steps = most // sum(_STEP.values())
        self._stored = Arena(states * self._packed)
        self._arenas = {name: Arena(states * width) for name, width in _STATE.items()}
        self._arenas |= {name: Arena(steps * width) for name, width in _STEP.items()}
        self._use_table(Arena(8 << _FIRST_BITS), _FIRST_BITS)
        self._search["stored"] = self._stored.address
        self._graph.update(worker=self._worker.address, state_room=states - 1, step_room=steps)
        numbers = array("Q", [machine.properties.index(p) for p in properties])
        self._graph.update(properties=self._engine.blocks.put(numbers.tobytes()), property_count=len(numbers))
        self._graph.update(**{name: arena.address for name, arena in self._arenas.items()})
        self._enter, self._expand = (self._compiled.function(name) for name in ("enter_graph", "expand_graph"))

    def counts(self) -> tuple[int, int, int]:
        """States, expanded ones, steps."""
        return self._search["states"], self._graph["expanded"], self._graph["steps"]

    def enter(self) -> None:
        """Make state 0."""
        initial(self.machine, self._compiled, self._engine)
        if self._enter(self._graph.address):
            self._fail()

    def memory(self) -> int:
        """What this process holds now."""
        return resident_memory()

    def expand(self, until: int) -> None:
        """Expand states; the table grows where need be."""
        while reason := self._expand(self._graph.address, until):
            if reason == FAILED:
                self._fail()
            if reason == FULL or (reason == GROW and not self._grow()):
                self.stopped = f"more than {self.limits.memory or 'available'} bytes of memory (--memory)"
                return

    def explored(self) -> Explored:
        """The arrays, as they lie in memory."""
        states, expanded, steps = self.counts()
        counts = {"offsets": states + 1, "enabled": states, "marked": states}
        rows = {
            name: _numbers(self._arenas[name].view(0, width * counts.get(name, steps)), width)
            for name, width in {**_STATE, **_STEP}.items()
        }
        rows["offsets"][expanded + 1 :] = array("Q", [steps]) * (states - expanded)
        graph = StateGraph(
            rows["offsets"], rows["target"], rows["thread"], rows["choice"], rows["enabled"], rows["marked"], expanded
        )
        packed = self._stored.view(0, states * self._packed)
        forms = PackedForms(self._compiled, packed, self._stored.address, self._packed, self.machine.size)
        return Explored(graph, forms, self.stopped, self.interrupted)

    def close(self) -> None:
        """Give back what only the search needs."""
        self._engine.close()
        self._table.close()

    def _use_table(self, table: Arena, bits: int) -> None:
        self._table, self._bits = table, bits
        self._search.update(table=table.address, table_bits=bits, room=int((1 << bits) * _FULL))

    def _grow(self) -> bool:
        """Make the table larger, if there is memory for it."""
        bits, old = self._bits + 1, self._table
        if self.limits.memory is not None and self.memory() + (8 << bits) > self.limits.memory:
            return False
        larger = Arena(8 << bits)
        self._compiled.function("regrow")(self._worker.address, larger.address, bits, old.address, self._bits)
        self._use_table(larger, bits)
        old.close()
        return True

    def _fail(self) -> NoReturn:
        status = self._worker["status"]
        if status == MARKS_DIFFER:
            raise marks_differ()
        fail(self._compiled, status, self._worker["detail"])
