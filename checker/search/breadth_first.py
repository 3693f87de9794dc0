"""Breadth-first search: shortest counterexamples, the same for every run.

States are expanded in the order in which they were found, and successors by thread and choice, so the first
violation of a level is the least schedule of that length. A level that shows a violation is finished.

What is remembered are canonical forms. Properties are evaluated on the real successor of a form, before it is made
canonical itself, and a counterexample is rebuilt as a real run (`checker.search.concrete`).
"""

from __future__ import annotations

import resource
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from checker.lowering.machine import Machine
from checker.search.concrete import Shown, key_of, rebuild, violation_of
from checker.search.outcome import Outcome, Violation
from checker.search.reached import Reached

_LOOK = 1024
"""Expanded states between two looks at the limits."""

REMEMBERED = 1 << 18
"""Real successors that are remembered, so that their canonical forms are not worked out twice."""


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
    remember : int
        Bound of the memory of what was done already, in entries; 0 does everything anew, with the same result.
    """

    def __init__(
        self,
        machine: Machine,
        limits: Limits,
        *,
        go_on: bool = False,
        report: Callable[[Progress], None] | None = None,
        remember: int = REMEMBERED,
    ) -> None:
        self.machine = machine
        self.limits = limits
        self.go_on = go_on
        self.report = report
        self.outcome = Outcome()
        self._reached = Reached(machine)
        self._parent = array("q", [-1])
        self._seen: set[tuple[str, str]] = set()
        self._pending: list[tuple[int, Shown]] = []
        self._visited: dict[bytes, int] = {}
        self._met: set[bytes] = set()
        self._remember = remember
        self._reduces = bool(machine.canonical.reductions)

    def run(self) -> Outcome:
        """Search until closure, a bound, a violation or an interrupt."""
        began = time.perf_counter()
        out = self.outcome
        try:
            self._search(began)
        except KeyboardInterrupt as e:
            out.stopped, out.interrupted = "an interrupt", getattr(e, "exit_code", 130)
        self._met.clear()
        out.violations += self._violations()
        self._reached.conclude(out)
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
            self._note(-1, failure)
        self._reached.look(initial)
        level = [machine.canonical(initial)]
        self._visited[level[0]] = 0
        while level and not (self._pending and not self.go_on):
            if limits.depth is not None and out.depth >= limits.depth:
                return
            following: list[bytes] = []
            for done, state in enumerate(level):
                self._expand(state, following)
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

    def _expand(self, state: bytes, following: list[bytes]) -> None:
        machine, out, visited = self.machine, self.outcome, self._visited
        heap_bytes = machine.layout.heap_bytes
        number, heap = visited[state], state[:heap_bytes]
        successors = machine.successors(state)
        if not successors and not machine.at_rest(state):
            self._note(number, None)
        for s in successors:
            out.transitions += 1
            for failure in s.failures:
                self._note(number, failure)
            if s.thrown is not None:
                self._note(number, s.thrown)
                continue
            after = s.state
            changed = after[:heap_bytes]
            if changed != heap:
                for failure in machine.check_step(state, after, s.thread):
                    self._note(number, failure)
            form = self._new(after)
            if form is not None:
                visited[form] = out.states
                out.states += 1
                self._parent.append(number)
                following.append(form)
                self._reached.look(after)
                for failure in machine.check(after):
                    self._note(number, failure)

    def _new(self, state: bytes) -> bytes | None:
        """The canonical form of a state, or None if it was visited."""
        if state in self._visited:
            return None
        if not self._reduces:
            return state
        if state in self._met:
            return None
        if self._remember:
            if len(self._met) >= self._remember:
                self._met.clear()
            self._met.add(state)
        form = self.machine.canonical(state)
        return None if form in self._visited else form

    def _note(self, parent: int, what: Shown) -> None:
        """Remember the first violation of each property and clause."""
        key = key_of(self.machine, what)
        if key not in self._seen:
            self._seen.add(key)
            self._pending.append((parent, what))

    def _violations(self) -> list[Violation]:
        """What was noted, as real runs from state 0."""
        forms = list(self._visited) if self._pending else []
        out = []
        for parent, what in self._pending:
            path = []
            at = parent
            while at > 0:
                path.append(forms[at])
                at = self._parent[at]
            path.reverse()
            out.append(violation_of(self.machine, what, ()) if parent < 0 else rebuild(self.machine, path, what))
        return out

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
