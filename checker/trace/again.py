"""Following a trace on a spec that may have changed: by thread, function and choice, not by states.

A step is taken if its thread stands in the same function at the same kind of scheduling point and the same choice is
enabled. Where a thread stands elsewhere, the two have parted; it is then brought back to the trace if a few steps that
leave it no choice do so, or if a later step of the trace begins where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.lowering.machine import Machine, Successor
from checker.minimise.place import same_threads
from checker.report.waiting import waiting
from checker.search.concrete import Shown, deadlocked, shown_by, violation_of
from checker.search.outcome import DEADLOCK, Choice, Fairness, Violation
from checker.trace.trace import Trace, TraceStep

_EXTRA = 8
"""Steps without a choice that a thread may take to come back to the trace."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a run and its trace part.

    Attributes
    ----------
    step : int
        The step of the trace.
    thread : str
    expected, seen : str
        Where the step begins in the trace, and where the thread stands.
    guard : str
        What refuses the step, where its thread stands at the right place; empty otherwise.
    """

    step: int
    thread: str
    expected: str
    seen: str
    guard: str


@dataclass(frozen=True, slots=True)
class Again:
    """A trace followed again.

    Attributes
    ----------
    schedule : tuple of Choice
        The steps that were taken.
    followed : int
        Steps of the trace that were taken.
    extra, skipped : int
        Steps that are not in the trace; steps of the trace that were left out.
    parting : Parting or None
        The first place where they part.
    refused : Parting or None
        The first step that a guard refused.
    violation : Violation or None
        What the run violates: the trace's clause, or the first other one.
    """

    schedule: tuple[Choice, ...]
    followed: int
    extra: int
    skipped: int
    parting: Parting | None
    refused: Parting | None
    violation: Violation | None


def again(machine: Machine, trace: Trace) -> Again:
    """Follow a trace on a machine."""
    return _Follower(machine, trace).run()


class _Follower:
    """One run."""

    def __init__(self, machine: Machine, trace: Trace) -> None:
        self.machine, self.trace = machine, trace
        self.state = machine.initial()
        self.states = [self.state]
        self.schedule: list[Choice] = []
        self.followed = self.extra = self.skipped = 0
        self.parting: Parting | None = None
        self.refused: Parting | None = None
        self.violation: Violation | None = None
        self._other: Violation | None = None
        self._own = machine.spec.digest == trace.spec
        self._parts = _parts(trace, machine)

    def run(self) -> Again:
        """Take all steps that can be taken, up to the first violation."""
        steps = self.trace.steps
        lasso = self.trace.loop is not None
        for at, s in enumerate(steps):
            if not self._step(s, steps[at + 1 :]) or self.violation is not None:
                break
        if self.violation is None and lasso and not self.parting:
            self.violation = self._lasso()
        violation = self.violation or self._other
        return Again(tuple(self.schedule), self.followed, self.extra, self.skipped, self.parting, self.refused, violation)

    def _step(self, s: TraceStep, later: Sequence[TraceStep]) -> bool:
        """Take one step of the trace; whether the run goes on."""
        thread = self._parts.get(s.thread)
        if thread is None:
            self._part(s, "no such thread", "")
            return False
        for _ in range(_EXTRA):
            if self._stands(thread, s):
                found = self._enabled(thread, s)
                if found is None:
                    self._part(s, self._where(thread), self._guard(thread, s))
                    return False
                self.followed += 1
                self._take(found)
                return True
            self._part(s, self._where(thread), "")
            if any(o.thread == s.thread and self._stands(thread, o) for o in later):
                self.skipped += 1
                return True
            forced = [x for x in self.machine.steps(self.state, thread) if not x.choice]
            if not forced:
                return False
            self.extra += 1
            self._take(forced[0])
            if self.violation is not None:
                return True
        return False

    def _stands(self, thread: int, s: TraceStep) -> bool:
        """Whether a thread stands where a step begins; a function that is gone matches any."""
        kind, position = self.machine.waiting_at(self.state, thread)
        if kind != s.begins_at or not position:
            return False
        return position[-1][0] == s.function or s.function not in self.machine.program.functions

    def _enabled(self, thread: int, s: TraceStep) -> Successor | None:
        chosen = tuple(v for _, v in s.choice)
        return next((x for x in self.machine.steps(self.state, thread) if x.choice == chosen), None)

    def _take(self, s: Successor) -> None:
        """Take a step, and look what it violates: what the trace does, if possible.

        On its own spec the trace may well have gone past other violations: its search may have been for one property.
        """
        machine, before = self.machine, self.state
        self.schedule.append((s.thread, s.choice))
        wanted = (self.trace.property, self.trace.clause)
        shown = shown_by(machine, before, s, wanted)
        if shown is None and self.trace.loop is None:
            other = self._otherwise(before, s)
            if not self._own or s.thrown is not None:
                shown = other
            elif other is not None and self._other is None:
                self._other = violation_of(machine, other, tuple(self.schedule))
        if shown is not None:
            self.violation = violation_of(machine, shown, tuple(self.schedule))
            return
        self.state = s.state
        self.states.append(s.state)
        if s.thrown is None and self.trace.loop is None and deadlocked(machine, s.state):
            self.violation = violation_of(machine, None, tuple(self.schedule))

    def _otherwise(self, before: bytes, s: Successor) -> Shown:
        """What else a step violates."""
        if s.thrown is not None:
            return s.thrown
        machine = self.machine
        heap = slice(machine.layout.heap_bytes)
        changed = machine.check_step(before, s.state, s.thread) if s.state[heap] != before[heap] else ()
        return next(iter((*s.failures, *changed, *machine.check(s.state))), None)

    def _lasso(self) -> Violation | None:
        """The trace's lasso, if the run comes back to where its loop begins and meets the goal nowhere in it."""
        machine, trace = self.machine, self.trace
        prop = next((p for p in machine.properties if (p.id, p.name) == (trace.property, trace.name)), None)
        start = trace.loop
        if prop is None or start is None or prop.kind != "liveness":
            return None
        round_ = self.states[start:]
        goal = machine.predicate(prop.function)
        stuck = len(round_) == 1 and machine.successors(round_[0])
        if stuck or machine.canonical(round_[0]) != machine.canonical(round_[-1]) or any(goal(s) for s in round_):
            return None
        fair = tuple(Fairness(f.thread, f.enabled_always, f.taken) for f in trace.fairness)
        return Violation(prop.id, prop.name, trace.clause, (), tuple(self.schedule), 13, loop=start, fairness=fair)

    def _where(self, thread: int) -> str:
        kind, position = self.machine.waiting_at(self.state, thread)
        return f"{kind} in {position[-1][0]}" if position else kind

    def _part(self, s: TraceStep, seen: str, guard: str) -> None:
        parting = Parting(s.index, s.thread, f"{s.begins_at} in {s.function}", seen, guard)
        self.parting = self.parting or parting
        if guard:
            self.refused = self.refused or parting

    def _guard(self, thread: int, s: TraceStep) -> str:
        """Why a thread that stands at the right place cannot take a step."""
        said = str(waiting(self.machine, self.schedule)[thread])
        return said + (f", not with {', '.join(f'{k}={v}' for k, v in s.choice)}" if s.choice else "")


def _parts(trace: Trace, machine: Machine) -> dict[str, int]:
    """The thread that plays each part of the trace."""
    if trace.scope.threads == tuple(machine.threads):
        return {name: i for i, name in enumerate(machine.threads)}
    known = {name: i for i, name in enumerate(trace.scope.threads)}
    used = [known[s.thread] for s in trace.steps]
    found = same_threads(trace.scope.threads, machine.threads, used)
    return {trace.scope.threads[a]: b for a, b in found.items()}


def reproduced(trace: Trace, done: Again) -> bool:
    """Whether a run violates what its trace does."""
    v = done.violation
    return v is not None and (v.property, v.clause) == (trace.property, trace.clause or DEADLOCK)
