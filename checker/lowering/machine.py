"""A scenario lowered to Python step functions: the reference engine's successor relation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checker.errors import LanguageError
from checker.frontend.checks import place_of_scenario
from checker.load import Spec
from checker.lowering import support
from checker.lowering.execution import Execution, printed
from checker.lowering.lowered import Lowered
from checker.reduce.canonical import Canonical
from spec.language import Property, Scenario

Witness = tuple[tuple[str, str, int], ...]
"""Names, types (``int``, ``bool`` or a record) and numbers of a failed clause's witness."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed clause of a property."""

    property: int
    clause: str
    witness: Witness


@dataclass(frozen=True, slots=True)
class Successor:
    """One atomic step: who took it, what was chosen, and where it leads; ``thrown`` is a Throw's message and place."""

    thread: int
    choice: tuple[int, ...]
    state: bytes
    thrown: tuple[str, str] | None
    failures: tuple[Failure, ...]


class Machine(Lowered):
    """The transition system of a scenario.

    The Python text of its steps is printed and compiled when the first of them is taken; whoever executes the graphs
    in another way never pays for it.

    Parameters
    ----------
    spec : Spec
    scenario : Scenario
    parameters : mapping
        Over the scenario's own.
    atomicity : str
        ``lock`` or ``fine``.
    properties : list of Property, optional
        Those to check; all of the spec by default.
    explained : bool
        Whether findings explain violations.
    reductions : collection of str, optional
        Out of `checker.reduce.REDUCTIONS`; all that the spec declares and the parameters allow by default.
    without : collection of str
        Thread functions of the scenario that are left out.

    Raises
    ------
    AssumptionError
        A parameter is unknown, out of range, or breaks an assumption.
    LanguageError
        The spec is outside the language.
    """

    def __init__(
        self,
        spec: Spec,
        scenario: Scenario,
        parameters: Mapping[str, int],
        *,
        atomicity: str = "lock",
        properties: list[Property] | None = None,
        explained: bool = True,
        reductions: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> None:
        super().__init__(
            spec,
            scenario,
            parameters,
            atomicity=atomicity,
            properties=properties,
            explained=explained,
            without=without,
        )
        self._who: list[int] = self._namespace["W"]
        self._current: list[int] = self._namespace["P"]
        self._failures: list[tuple[int, str, Witness]] = self._namespace["V"]
        self.canonical = Canonical(
            self.schema,
            self.layout,
            self.thread_layouts,
            self.scenario,
            self.forgets,
            lambda forget: self._execution.observing(forget.when),
            reductions,
        )

    @cached_property
    def text(self) -> str:
        """The Python text of the steps and of every function that they and the properties call."""
        return printed(self)

    @cached_property
    def _execution(self) -> Execution:
        return Execution(self, self.text, self._namespace)

    def initial(self) -> bytes:
        """State 0: the scenario's initial heap, each thread at its first scheduling point."""
        state = self.layout.zero(self.size)
        self._who[0] = 1  # as in plain execution without a scheduler
        try:
            self._execution.start(state)
            heap = bytes(state[: self.layout.heap_bytes])
            for i in range(len(self.threads)):
                self._execution.enter(state, i)
        except support.Throw as e:
            said = f"{e.message!r} is thrown before the first scheduling point; begin the thread with step()"
            raise LanguageError(e.place, said) from e
        if bytes(state[: self.layout.heap_bytes]) != heap:
            place = place_of_scenario(self.spec, self.scenario)
            raise LanguageError(place, "a thread changes the state before its first scheduling point; begin it with step()")
        return bytes(state)

    def successors(self, state: bytes) -> list[Successor]:
        """All steps from a state: by thread, then by choice, ascending."""
        return [s for thread in range(len(self.threads)) for s in self.steps(state, thread)]

    def steps(self, state: bytes, thread: int) -> list[Successor]:
        """The steps of one thread, by choice, ascending."""
        label = self.label(state, thread)
        if not label:
            return []
        out: list[tuple[tuple[int, ...], bytearray, Any, list[Any]]] = []
        try:
            self._execution.steps[thread][label](state, out)
        except BaseException:
            self._failures.clear()
            raise
        return [
            Successor(
                thread,
                choice,
                bytes(after),
                None if thrown is None else (thrown.message, thrown.place),
                tuple(Failure(*f) for f in failed),
            )
            for choice, after, thrown, failed in out
        ]

    def check(self, state: bytes) -> tuple[Failure, ...]:
        """The failed clauses of the invariants in a state, those explained by findings left out."""
        run, due = self._execution, list(self._execution.always)
        self._who[0] = 0
        if not any(state[a] for a in run.locks):
            due += run.lock_free
        due += [(i, f) for address, i, f in run.one_free if not state[address]]
        return self._failed((i, f, (state, 1)) for i, f in due)

    def check_step(self, before: bytes, after: bytes, thread: int) -> tuple[Failure, ...]:
        """The failed clauses of the step properties, after a step of a thread (from 0)."""
        self._who[0] = thread + 1
        return self._failed((i, f, (before, after, 1, 1)) for i, f in self._execution.step_properties)

    def _failed(self, due: Iterable[tuple[int, Callable[..., object], tuple[object, ...]]]) -> tuple[Failure, ...]:
        """The failed clauses of properties, each with its number and arguments."""
        try:
            for i, f, arguments in due:
                self._current[0] = i
                f(*arguments)
        except BaseException:
            self._failures.clear()  # what had failed before the error is no part of the next evaluation
            raise
        return self._take()

    def predicate(self, function: Callable[..., bool]) -> Callable[[bytes], bool]:
        """A predicate on the root, of a property that was given to this machine, as one on states."""
        lowered = self._execution.observing(function)

        def holds(state: bytes) -> bool:
            self._who[0] = 0
            return bool(lowered(state, 1))

        return holds

    def _take(self) -> tuple[Failure, ...]:
        if not self._failures:
            return ()
        found = tuple(Failure(*f) for f in self._failures)
        self._failures.clear()
        return found
