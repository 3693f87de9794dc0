"""A run of a scenario under a schedule that the caller picks step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import greenlet

from checker.errors import AssumptionError, CheckerError, LanguageError
from checker.frontend.declarations import memory_of, require_when
from checker.load import Spec
from checker.plain.calls import Call
from checker.plain.ends import Ends, Failure, evaluate, instrument
from checker.plain.frames import call_stack, evaluation_error
from checker.plain.scheduler import Scheduler
from checker.plain.threads import ALWAYS_READY, SpecThread, threads_of
from spec.language import ALWAYS, LOCK_FREE, ParameterError, Property, Scenario
from spec.language.plain import World
from spec.language.runtime import Runtime, Values, active

Cell = tuple[str, str, int, int | None, int]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step showed besides the new state.

    Attributes
    ----------
    thrown : str or None
        The heap's message, if it stopped itself; nothing is enabled afterwards.
    failures : tuple
        Of the end-of-operation properties of the operations that ended.
    calls : tuple of Call
        Only if they are recorded.
    """

    thrown: str | None = None
    failures: tuple[Failure, ...] = ()
    calls: tuple[Call, ...] = ()


_QUIET = StepResult()


class PlainRun:
    """One scenario in state 0 and onwards.

    The parameters are set on the spec's own object, so runs of one loaded spec under different parameters must not overlap.

    Parameters
    ----------
    spec : Spec
    scenario : Scenario
    parameters : mapping
        Over the scenario's.
    atomicity : {"lock", "fine"}
    properties : bool
        Evaluate the end-of-operation properties.
    record_calls : bool
        Report the calls of each step; slow.
    told : callable, optional
        Called with each end-of-operation property and its arguments before it is evaluated.

    Raises
    ------
    AssumptionError
        A parameter is unknown, out of range, or breaks an assumption.
    SpecEvaluationError
        The initial function fails, or later a step or a guard.
    LanguageError
        The root's declarations are outside the language, or a thread changes the state, or throws, before its first
        scheduling point.

    Attributes
    ----------
    threads : list of SpecThread
    world : World
    """

    def __init__(
        self,
        spec: Spec,
        scenario: Scenario,
        parameters: Mapping[str, int],
        *,
        atomicity: Literal["lock", "fine"],
        properties: bool = True,
        record_calls: bool = False,
        told: Callable[[Property, list[object]], None] | None = None,
    ) -> None:
        try:
            spec.parameters.reset({**scenario.parameters, **parameters})
        except ParameterError as e:
            raise AssumptionError(str(e)) from e
        self.spec = spec
        self.threads: list[SpecThread] = threads_of(scenario, memory_of(spec, scenario, 1))  # only to count them
        self.schema = memory_of(spec, scenario, len(self.threads))
        for p in spec.properties:
            require_when(spec, self.schema, p)
        self._scheduler = Scheduler(spec)
        self._told = told
        self.world = World(self.schema, checked=True, access=self._scheduler.access if atomicity == "fine" else None)
        self.root = self.world.root
        self._record = record_calls
        self._over = False
        self._set_locks()
        wrappers = instrument(spec) if properties else {}
        self._initial(scenario)
        if properties:
            self._scheduler.ends = Ends(spec, self._operation_ends, self.root, wrappers)
        try:
            for thread in self.threads:
                thread.function = wrappers.get(thread.function, thread.function)
                self._start(thread)
        except BaseException:
            self.close()
            raise

    def _operation_ends(self, prop: Property, arguments: list[object]) -> None:
        if self._told is not None:
            self._told(prop, arguments)
        self._scheduler.end_property(prop, arguments)

    def _set_locks(self) -> None:
        fields = self.schema.records[self.schema.root].fields.values()
        locks = [f.name for f in fields if f.scalar is not None and f.scalar.kind == "lock" and f.length is None]
        self._scheduler.locks = {name: getattr(self.root, name) for name in locks}

    def _initial(self, scenario: Scenario) -> None:
        with active(Runtime(self.spec.parameters)):
            try:
                scenario.initial(self.root)
            except Exception as e:
                raise evaluation_error(e, self.spec.package, f"the initial state of {scenario.name}") from e

    def _start(self, thread: SpecThread) -> None:
        before = self.world.cells()
        arguments = (getattr(self.root, thread.elements)[thread.element],) if thread.elements else ()
        self._scheduler.start(thread, (self.root, *arguments), self._record)
        self._failed(thread)
        name = thread.function.__qualname__
        if thread.kind == "thrown":
            raise LanguageError(name, f"it throws before its first scheduling point: {thread.error}; begin it with step()")
        for old, new in zip(before, self.world.cells(), strict=True):
            if old != new:
                change = f"{new[0]}.{new[1]} from {old[4]} to {new[4]}"
                raise LanguageError(name, f"it changes {change} before its first scheduling point; begin it with step()")
        if self._scheduler.collected:
            raise LanguageError(name, "an operation with a property of its end runs before the first scheduling point")

    def _failed(self, thread: SpecThread) -> None:
        if thread.kind == "failed" and thread.error is not None:
            self._over = True
            if isinstance(thread.error, CheckerError):
                raise thread.error
            raise evaluation_error(thread.error, self.spec.package, f"thread {thread.name}") from thread.error

    def enabled(self) -> list[tuple[int, Values]]:
        """The steps that can be taken: thread and choice, ascending."""
        if self._over:
            return []
        out: list[tuple[int, Values]] = []
        for thread in self.threads:
            if thread.kind in ALWAYS_READY:
                out.append((thread.index, ()))
                continue
            self._scheduler.ask(thread)
            with active(self._scheduler):
                try:
                    out += [(thread.index, v) for v in thread.options()]
                except Exception as e:
                    raise evaluation_error(e, self.spec.package, f"what lets {thread.name} go on") from e
        return out

    def take(self, thread: int, choice: Values = ()) -> StepResult:
        """Take one atomic step.

        Raises
        ------
        ValueError
            That step is not enabled.
        SpecEvaluationError
            The spec fails; the run is over.
        """
        t = self.threads[thread]
        if self._over or not self._allows(t, choice):
            raise ValueError(f"{t.name} at {t.kind!r} cannot take a step with choice {choice}; see enabled()")
        t.chosen = choice
        if self._record:
            self._scheduler.recorders[thread].begin()
        self._scheduler.resume(t)
        self._failed(t)
        failures = self._scheduler.collected
        if not self._record and not failures and t.error is None:
            return _QUIET
        self._scheduler.collected = []
        self._over = t.error is not None
        return StepResult(
            None if t.error is None else str(t.error),
            tuple(failures),
            self._scheduler.recorders[thread].end() if self._record else (),
        )

    def _allows(self, thread: SpecThread, choice: Values) -> bool:
        if thread.kind in ALWAYS_READY:
            return choice == ()
        self._scheduler.ask(thread)
        with active(self._scheduler):
            try:
                return thread.allows(choice)
            except Exception as e:
                raise evaluation_error(e, self.spec.package, f"what lets {thread.name} go on") from e

    def waiting_at(self, thread: int) -> str:
        """The kind of point at which a thread is suspended, or how it ended: see `SpecThread`."""
        return self.threads[thread].kind

    def resting(self, thread: int) -> bool:
        """Whether a thread is at a resting place."""
        return self.threads[thread].kind == "rest"

    def finished(self, thread: int) -> bool:
        """Whether a thread has returned."""
        return self.threads[thread].kind == "returned"

    def position(self, thread: int) -> tuple[tuple[str, int], ...]:
        """A suspended thread's call stack from its function inward, as (``module.function``, line); empty once it ended."""
        return call_stack(self.threads[thread].greenlet.gr_frame, self.spec.package)

    def cells(self) -> list[Cell]:
        """Every cell of the state, as `World.cells`."""
        return self.world.cells()

    def snapshot(self, into: World | None = None) -> World:
        """A copy of the state, in a world of its own or over an earlier copy."""
        copy = into or World(self.schema, checked=False)
        for cell in self.world.cells():
            copy.store(*cell)
        return copy

    def check_invariants(self) -> list[Failure]:
        """The failures of the invariants that must hold in this state."""
        free = {name for name, lock in self._scheduler.locks.items() if lock.owner == 0}
        due = {ALWAYS, *free} | ({LOCK_FREE} if len(free) == len(self._scheduler.locks) else set())
        return self._check("invariant", [self.root], lambda p: p.when in due, 0)

    def check_step(self, before: World, thread: int) -> list[Failure]:
        """The failures of the step properties from an earlier `snapshot` to this state, after a step of a thread (from 0)."""
        return self._check("step", [before.root, self.root], lambda p: True, thread + 1)

    def _check(self, kind: str, arguments: list[object], due: Callable[[Property], bool], number: int) -> list[Failure]:
        out: list[Failure] = []
        for p in self.spec.properties:
            if p.kind == kind and due(p):
                out += evaluate(self.spec, p, arguments, number)
        return out

    def close(self) -> None:
        """End the threads; the state stays readable."""
        self._over = True
        for thread in self.threads:
            if thread.greenlet is not None and not thread.greenlet.dead:
                with suppress(greenlet.GreenletExit):
                    thread.greenlet.throw()

    def __enter__(self) -> PlainRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
