"""Making a state graph breadth first: the loop over states, levels and bounds, whoever expands the states.

The states are canonical forms. Threads keep their numbers, because fairness is a matter of each thread: the machine must
have been made without the reduction that exchanges them.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checker.errors import CheckerError
from checker.lowering.machine import Machine
from checker.search.breadth_first import Limits, Progress
from checker.search.concrete import Unsound
from checker.search.graph import PROPERTIES, THREADS, StateGraph
from spec.language import Property

_LOOK = 1024
"""Expanded states between two looks at the limits."""


@dataclass(slots=True)
class Explored:
    """A graph, the canonical form of each of its states, and why it is not the whole one, if it is not.

    ``interrupted`` is the exit code of an interrupt, else 0.
    """

    graph: StateGraph
    forms: Sequence[bytes]
    stopped: str = ""
    interrupted: int = 0


class GraphSearch(ABC):
    """One breadth-first search that keeps every step.

    Parameters
    ----------
    limits : Limits
    report : callable, optional
        Told about progress.
    """

    def __init__(self, limits: Limits, report: Callable[[Progress], None] | None) -> None:
        self.limits, self.report = limits, report
        self.stopped, self.interrupted = "", 0
        self._began = time.perf_counter()

    @abstractmethod
    def counts(self) -> tuple[int, int, int]:
        """How many states there are, how many of them are expanded, and how many steps these have."""

    @abstractmethod
    def enter(self) -> None:
        """Make state 0."""

    @abstractmethod
    def expand(self, until: int) -> None:
        """Expand the states below a number, in order; with a word in ``stopped``, only some of them."""

    @abstractmethod
    def memory(self) -> int:
        """Bytes that this process holds."""

    @abstractmethod
    def explored(self) -> Explored:
        """What was made; states that were not expanded have empty rows, also one that an interrupt cut short."""

    def run(self) -> Explored:
        """Search until closure, a bound or an interrupt."""
        try:
            self._levels()
        except KeyboardInterrupt as e:
            self.stopped, self.interrupted = "an interrupt", getattr(e, "exit_code", 130)
        return self.explored()

    def _levels(self) -> None:
        self.enter()
        depth, level_end = 0, 1
        states, expanded, _ = self.counts()
        while expanded < states:
            if expanded == level_end:
                depth, level_end = depth + 1, states
                self._tell(depth, level_done=True)
                self._look(states)
            if self.limits.depth is not None and depth >= self.limits.depth:
                self.stopped = f"the bound of {self.limits.depth} steps (--depth)"
            elif expanded % _LOOK == 0:
                self._look(states)
                self._tell(depth, level_done=False)
            if self.stopped:
                return
            self.expand(min(level_end, expanded - expanded % _LOOK + _LOOK))
            states, expanded, _ = self.counts()

    def _look(self, states: int) -> None:
        limits = self.limits
        if limits.states is not None and states > limits.states:
            self.stopped = f"more than {limits.states} states (--max-states)"
        elif limits.memory is not None and self.memory() > limits.memory:
            self.stopped = f"more than {limits.memory} bytes of memory (--memory)"

    def _tell(self, depth: int, *, level_done: bool) -> None:
        if self.report is not None:
            states, expanded, steps = self.counts()
            seconds = time.perf_counter() - self._began
            self.report(Progress(depth, states, steps, states - expanded, seconds, level_done))


def require_graph(machine: Machine, properties: Sequence[Property]) -> None:
    """Refuse what a graph cannot hold, or what says nothing about liveness.

    Raises
    ------
    CheckerError
        The threads are exchanged, or there are more threads or properties than a word has bits.
    """
    if "threads" in machine.canonical.reductions:
        raise CheckerError("a graph for liveness keeps the threads apart; make the machine without the reduction 'threads'")
    if len(machine.threads) > THREADS:
        raise CheckerError(f"{len(machine.threads)} threads; liveness is decided for at most {THREADS}")
    if len(properties) > PROPERTIES:
        raise CheckerError(f"{len(properties)} liveness properties; at most {PROPERTIES} at a time, so ask for some of them")


def marks_differ() -> Unsound:
    """The error of a property that sees what the canonical form does not show."""
    return Unsound("a liveness property reads cells that the spec says may be forgotten; search with --reduce none")
