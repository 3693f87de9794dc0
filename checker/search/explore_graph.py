"""The state graph of a lowered scenario, made by the reference engine."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from checker.lowering.machine import Machine
from checker.search.breadth_first import REMEMBERED, Limits, Progress, peak_memory
from checker.search.graph import StateGraph
from checker.search.graph_search import Explored, GraphSearch, marks_differ, require_graph
from spec.language import Property


def explore_graph(
    machine: Machine, properties: Sequence[Property], limits: Limits, report: Callable[[Progress], None] | None = None
) -> Explored:
    """Make the graph; property k of those given marks its states with the bits 2k and 2k + 1.

    Raises
    ------
    CheckerError
        There are more threads or properties than a word has bits, or the threads are exchanged.
    Unsound
        A property reads what may be forgotten.
    """
    require_graph(machine, properties)
    return _Search(machine, properties, limits, report).run()


class _Search(GraphSearch):
    """The arrays grow as states are found; a state that was met once more is not made canonical again."""

    def __init__(
        self, machine: Machine, properties: Sequence[Property], limits: Limits, report: Callable[[Progress], None] | None
    ) -> None:
        super().__init__(limits, report)
        self.machine = machine
        self._forms: list[bytes] = []
        self._offsets, self._enabled, self._marks = array("Q", [0]), array("Q"), array("Q")
        self._target, self._thread, self._choice = array("I"), array("B"), array("I")
        self._expanded = 0
        self._numbers: dict[bytes, int] = {}
        self._met: dict[bytes, int] = {}
        self._known: dict[bytes, int] = {}
        self._predicates = [
            (bit + (f is p.function), machine.predicate(f))
            for bit, p in zip(range(0, 2 * len(properties), 2), properties, strict=True)
            for f in (p.after, p.function)
            if f is not None
        ]
        self._always = sum(1 << 2 * k for k, p in enumerate(properties) if p.after is None)

    def counts(self) -> tuple[int, int, int]:
        """States, expanded ones, steps."""
        return len(self._forms), self._expanded, len(self._target)

    def enter(self) -> None:
        """Make state 0."""
        self._number(self.machine.initial())

    def memory(self) -> int:
        """The most that this process has held."""
        return peak_memory()

    def expand(self, until: int) -> None:
        """Expand states, one after the other."""
        while self._expanded < until:
            enabled, last, ordinal = 0, -1, 0
            for s in self.machine.successors(self._forms[self._expanded]):
                ordinal = ordinal + 1 if s.thread == last else 0
                last = s.thread
                enabled |= 1 << s.thread
                if s.thrown is None:
                    self._target.append(self._number(s.state))
                    self._thread.append(s.thread)
                    self._choice.append(ordinal)
            self._enabled.append(enabled)
            self._offsets.append(len(self._target))
            self._expanded += 1

    def explored(self) -> Explored:
        """The arrays, without what an interrupt left half done."""
        whole, left = self._offsets[self._expanded], len(self._marks) - self._expanded
        for steps in (self._target, self._thread, self._choice):
            del steps[whole:]
        del self._offsets[self._expanded + 1 :], self._enabled[self._expanded :], self._forms[len(self._marks) :]
        self._offsets.extend([whole] * left)
        self._enabled.extend([0] * left)
        rows = (self._offsets, self._target, self._thread, self._choice, self._enabled, self._marks)
        return Explored(StateGraph(*rows, self._expanded), self._forms, self.stopped, self.interrupted)

    def _number(self, state: bytes) -> int:
        """The number of a state's canonical form, a new one if need be."""
        number = self._met.get(state)
        if number is not None:
            return number
        canonical = self.machine.canonical(state)
        number = self._numbers.get(canonical)
        if number is None:
            marks = self._marks_of(canonical)
            if self._marks_of(state) != marks:
                raise marks_differ()
            number = self._numbers[canonical] = len(self._forms)
            self._forms.append(canonical)
            self._marks.append(marks)
        if len(self._met) >= REMEMBERED:
            self._met.clear()
        self._met[state] = number
        return number

    def _marks_of(self, state: bytes) -> int:
        """What the properties' predicates say of a state; they see the heap alone."""
        heap = state[: self.machine.layout.heap_bytes]
        marks = self._known.get(heap)
        if marks is None:
            marks = self._always | sum(1 << bit for bit, holds in self._predicates if holds(state))
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[heap] = marks
        return marks
