"""Breadth-first search: shortest counterexamples, the same for every run.

States are expanded in the order in which they were found, and successors by thread and choice, so the first
violation of a level is the least schedule of that length. A level that shows a violation is finished.
"""

from __future__ import annotations

import resource
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from checker.lowering.machine import Failure, Machine
from checker.search.outcome import Choice, Outcome, Violation

_LOOK = 1024
"""Expanded states between two looks at the limits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a search; None is no bound.

    ``depth`` counts atomic steps from state 0, ``states`` distinct states, ``memory`` bytes of this process.
    """

    depth: int | None = None
    states: int | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a reporter is told: at the end of a level, and now and then inside one."""

    depth: int
    states: int
    transitions: int
    frontier: int
    seconds: float
    level_done: bool


class BreadthFirst:
    """One search.

    Parameters
    ----------
    machine : Machine
    limits : Limits
    go_on : bool
        Do not stop after the first level with a violation.
    report : callable, optional
        Told about progress.
    """

    def __init__(
        self, machine: Machine, limits: Limits, *, go_on: bool = False, report: Callable[[Progress], None] | None = None
    ) -> None:
        self.machine = machine
        self.limits = limits
        self.go_on = go_on
        self.report = report
        self.outcome = Outcome()
        self._parent = array("q", [-1])
        self._step = array("q", [0])
        self._seen: set[tuple[str, str]] = set()
        self._pending: list[tuple[int, int, Failure | tuple[str, str] | None]] = []

    def run(self) -> Outcome:
        """Search until closure, a bound, a violation or an interrupt."""
        began = time.perf_counter()
        out = self.outcome
        try:
            self._search(began)
        except KeyboardInterrupt as e:
            out.stopped, out.interrupted = "an interrupt", getattr(e, "exit_code", 130)
        for parent, step, what in self._pending:
            out.violations.append(self._violation(parent, step, what))
        if out.violations:
            out.verdict = "violation"
        elif out.stopped:
            out.verdict = "incomplete"
        out.seconds = time.perf_counter() - began
        return out

    def _search(self, began: float) -> None:
        machine, out, limits = self.machine, self.outcome, self.limits
        initial = machine.initial()
        for failure in machine.check(initial):
            self._note(-1, 0, failure)
        visited: dict[bytes, int] = {initial: 0}
        level = [initial]
        while level and not (self._pending and not self.go_on):
            if limits.depth is not None and out.depth >= limits.depth:
                return
            following: list[bytes] = []
            for done, state in enumerate(level):
                self._expand(state, visited, following)
                if done % _LOOK == 0:
                    self._look(began, len(level) - done)
                    if out.stopped:
                        return
            out.depth += 1 if following else 0
            if following:
                out.levels.append(len(following))
            self._tell(began, len(following), level_done=True)
            level = following
        out.exhaustive = not level

    def _expand(self, state: bytes, visited: dict[bytes, int], following: list[bytes]) -> None:
        machine, out = self.machine, self.outcome
        number = visited[state]
        successors = machine.successors(state)
        if not successors and not machine.at_rest(state):
            self._note(number, -1, None)
        for step, s in enumerate(successors):
            out.transitions += 1
            for failure in s.failures:
                self._note(number, step, failure)
            if s.thrown is not None:
                self._note(number, step, s.thrown)
                continue
            for failure in machine.check_step(state, s.state):
                self._note(number, step, failure)
            if s.state not in visited:
                visited[s.state] = out.states
                out.states += 1
                self._parent.append(number)
                self._step.append(step)
                following.append(s.state)
                for failure in machine.check(s.state):
                    self._note(number, step, failure)

    def _note(self, parent: int, step: int, what: Failure | tuple[str, str] | None) -> None:
        """Remember the first violation of each property and clause."""
        if isinstance(what, Failure):
            key = (self.machine.properties[what.property].id, what.clause)
        else:
            key = ("P6", what[0]) if what is not None else ("P26", "no thread can step, and not all rest")
        if key not in self._seen:
            self._seen.add(key)
            self._pending.append((parent, step, what))

    def _violation(self, parent: int, step: int, what: Failure | tuple[str, str] | None) -> Violation:
        schedule = self._schedule(parent, step)
        if isinstance(what, Failure):
            p = self.machine.properties[what.property]
            return Violation(p.id, p.name, what.clause, what.witness, schedule, 12)
        if what is None:
            return Violation("P26", "no deadlock", "no thread can step, and not all rest", (), schedule, 11)
        return Violation("P6", "legal state (a throw of the heap)", what[0], (), schedule, 14, what[1])

    def _schedule(self, parent: int, step: int) -> tuple[Choice, ...]:
        """The steps from state 0, rebuilt by executing them again."""
        if parent < 0:
            return ()
        steps = [] if step < 0 else [step]
        while parent > 0:
            steps.append(self._step[parent])
            parent = self._parent[parent]
        state, schedule = self.machine.initial(), []
        for k in reversed(steps):
            s = self.machine.successors(state)[k]
            schedule.append((s.thread, s.choice))
            state = s.state
        return tuple(schedule)

    def _look(self, began: float, left: int) -> None:
        out, limits = self.outcome, self.limits
        if limits.states is not None and out.states > limits.states:
            out.stopped = f"more than {limits.states} states (--max-states)"
        elif limits.memory is not None and peak_memory() > limits.memory:
            out.stopped = f"more than {limits.memory} bytes of memory (--memory)"
        self._tell(began, left, level_done=False)

    def _tell(self, began: float, frontier: int, *, level_done: bool) -> None:
        if self.report is not None:
            out = self.outcome
            seconds = time.perf_counter() - began
            self.report(Progress(out.depth, out.states, out.transitions, frontier, seconds, level_done))


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
