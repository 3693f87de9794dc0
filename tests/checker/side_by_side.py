"""Plain and lowered execution of every schedule, side by side.

Each step of a state is one thread and one choice. So two graphs are the same, but for states that one of them keeps
apart and the other not, if and only if whatever one schedule leads to in both looks alike and has the same steps.

Errors of the spec may come at different steps, in two ways:

- the lowering saves a value before a racy store, and sees then that it does not fit its cell; plain execution sees it at
  the store, one step later;
- the lowering puts off arithmetic behind the scheduling points of the same expression; plain execution fails before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brute_force import Error, Explored, Look, Silent

from checker.differential import line_of
from checker.errors import SpecEvaluationError
from checker.lowering.machine import Machine, Successor

FOLLOWED = 200
"""Steps for which a thread is followed that should fail."""


class Unlike(Exception):
    """The executions differ; the message says in what."""


def silent_points(machine: Machine) -> Silent:
    """At which releases the lowering ends no step; one line must not stand for two that differ in this."""
    kept = [{b.cut.position for b in g.blocks if b.cut is not None and b.cut.kind == "released"} for g in machine.graphs]

    def silent(thread: int, kind: str, position: Any) -> bool:
        if position in kept[thread] and position in machine.graphs[thread].silent:
            raise Unlike(f"one line has a release that ends a step and one that does not: {position}")
        return kind == "released" and position in machine.graphs[thread].silent

    return silent


def look_of(machine: Machine, state: bytes) -> Look:
    """How a lowered state looks."""
    cells = tuple(c[4] for c in machine.layout.values(state))
    return cells, tuple(machine.waiting_at(state, i) for i in range(len(machine.threads)))


@dataclass(slots=True)
class SideBySide:
    """One walk.

    Attributes
    ----------
    due : int or None
        The number of steps after which the lowered execution fails first.
    lost : int
        Errors of plain execution that the lowered one does not reach, because what it puts the arithmetic off behind
        never comes.
    """

    explored: Explored
    machine: Machine
    due: int | None = None
    lost: int = 0

    def walk(self) -> None:
        """Compare all pairs of states that one schedule leads to.

        Raises
        ------
        Unlike
        """
        try:
            first = self.machine.initial()
        except SpecEvaluationError as e:
            raise Unlike(f"error of the spec in state 0: plain None, lowered {e}") from e
        pairs, todo = {(0, first)}, [(0, first)]
        while todo:
            number, state = todo.pop()
            look = self.explored.looks[number]
            if look != look_of(self.machine, state):
                raise Unlike(f"states differ: plain {look}, lowered {look_of(self.machine, state)}")
            self._properties(number, state)
            if number < len(self.explored.steps):
                for thread in range(len(self.machine.threads)):
                    for pair in self._thread(number, state, thread):
                        if pair not in pairs:
                            pairs.add(pair)
                            todo.append(pair)

    def _errors(self, number: int, thread: int) -> list[Error]:
        return [e for e in self.explored.errors if (e.state, e.thread) == (number, thread)]

    def _fails(self, depth: int) -> None:
        self.due = depth if self.due is None else min(self.due, depth)

    def _properties(self, number: int, state: bytes) -> None:
        """An invariant that cannot be evaluated is one in both."""
        lines = [e.line for e in self._errors(number, -1)]
        try:
            self.machine.check(state)
        except SpecEvaluationError as e:
            self._fails(self.explored.depths[number])
            if line_of(str(e)) not in lines:
                raise Unlike(f"a property fails to be evaluated: plain {lines}, lowered {e}") from e
        else:
            if lines:
                raise Unlike(f"a property fails to be evaluated: plain {lines}, lowered not")

    def _thread(self, number: int, state: bytes, thread: int) -> list[tuple[int, bytes]]:
        """Compare the steps of one thread; the pairs that they lead to."""
        explored, errors = self.explored, self._errors(number, thread)
        depth = explored.depths[number] + 1
        plain = {step: after for step, after in explored.steps[number].items() if step[0] == thread}
        try:
            lowered = {(s.thread, s.choice): s for s in self.machine.steps(state, thread)}
        except SpecEvaluationError as e:
            self._fails(depth)
            if line_of(str(e)) not in [x.line for x in errors] and not self._stores_later(plain.values(), thread, e):
                raise Unlike(f"error of the spec: plain {errors}, lowered {e}") from e
            return []
        for error in errors:
            self._put_off(error, lowered.pop(error.step, None) if error.step is not None else None)
        if set(plain) != set(lowered):
            raise Unlike(f"enabled in {explored.looks[number]}: plain {sorted(plain)}, lowered {sorted(lowered)}")
        out = []
        for step, after in plain.items():
            s = lowered[step]
            if (after is None) != (s.thrown is not None):
                raise Unlike(f"step {step} from {explored.looks[number]}: plain leads to {after}, lowered throws {s.thrown}")
            if after is not None:
                out.append((after, s.state))
        return out

    def _stores_later(self, afters: Any, thread: int, error: SpecEvaluationError) -> bool:
        """Whether plain execution fails so at a store that is the thread's next step."""
        for after in afters:
            if after is not None and self.explored.looks[after][1][thread][0] == "store":
                lines = [e.line for e in self._errors(after, thread)]
                if line_of(str(error)) in lines or after >= len(self.explored.steps):
                    return True
        return False

    def _put_off(self, error: Error, s: Successor | None) -> None:
        """Follow a thread that has failed in plain execution until it fails here too."""
        if s is None:
            raise Unlike(f"error of the spec: plain {error}, lowered has no such step")
        for more in range(1, FOLLOWED):
            if s.thrown is not None:
                break
            try:
                following = self.machine.steps(s.state, error.thread)
            except SpecEvaluationError as e:
                self._fails(error.depth + more)
                if line_of(str(e)) != error.line:
                    raise Unlike(f"error of the spec: plain {error}, lowered {e}") from e
                return
            if not following:
                break
            s = following[0]
        else:
            raise Unlike(f"error of the spec: plain {error}, lowered none in {FOLLOWED} more steps of the thread")
        self.lost += 1
