"""What a search found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from checker.lowering.machine import Witness

Choice = tuple[int, tuple[int, ...]]
"""One step of a schedule: thread index and chosen values."""


DEADLOCK = "no thread can step, and not all rest"
"""The clause of `P26`."""

NEVER = "true in no state that can be reached"
"""The clause of a property that says what must be possible."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """How the loop of a lasso treats a fair thread: it must not be enabled in every state without taking a step."""

    thread: str
    enabled_always: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Violation:
    """A violated property and a shortest schedule to it.

    Attributes
    ----------
    property, name, clause : str
        ``P6`` is a Throw of the heap, ``P26`` a deadlock, `NEVER` something that must be possible and is not: it has no
        schedule.
    witness : Witness
    schedule : tuple of Choice
        From state 0; its last step makes the violation.
    exit : int
        The exit code of its kind: 11, 12, 13 or 14.
    place : str
        Of a Throw.
    loop : int or None
        For liveness: the steps from this one on repeat for ever; their number if the last state lasts for ever.
    fairness : tuple of Fairness
        For liveness: the facts of the loop.
    """

    property: str
    name: str
    clause: str
    witness: Witness
    schedule: tuple[Choice, ...]
    exit: int
    place: str = ""
    loop: int | None = None
    fairness: tuple[Fairness, ...] = ()


@dataclass(slots=True)
class Outcome:
    """The result of a search.

    Attributes
    ----------
    verdict : str
        ``ok``, ``violation`` or ``incomplete``.
    exhaustive : bool
        No new state exists beyond those counted, and every one was checked.
    depth : int
        The last level that was reached and checked; state 0 is level 0.
    states, transitions : int
        Distinct states, generated transitions.
    levels : list of int
        New states of each level.
    violations : list of Violation
        The one to report first, then the others, one for each (property, clause).
    stopped : str
        Why an incomplete search stopped.
    seconds : float
        Of the search alone.
    engine : str
        ``native`` or ``python``.
    storage : str
        What the visited set kept of a state: fingerprints of ``64`` or ``128`` bits, or ``exact``.
    jobs : int
        Workers that searched.
    memory : int
        Bytes that the search added to the process, as far as was seen at the ends of levels and twenty times a second;
        native engine only.
    decided : dict
        The verdict on each reachability and liveness property that was looked at, by id and name: ``ok``, ``violated``,
        ``not met`` (in the whole space, but under parameters that are not the scenario's), ``not met yet`` or ``incomplete``.
    vacuous : set
        The liveness properties, by id and name, whose condition held in no state.
    graph_states, graph_steps : int
        Size of the graph that was searched for lassos.
    """

    verdict: str = "ok"
    exhaustive: bool = False
    depth: int = 0
    states: int = 1
    transitions: int = 0
    levels: list[int] = field(default_factory=lambda: [1])
    violations: list[Violation] = field(default_factory=list)
    stopped: str = ""
    interrupted: int = 0
    seconds: float = 0.0
    memory: int = 0
    engine: str = "python"
    storage: str = "exact"
    jobs: int = 1
    decided: dict[tuple[str, str], str] = field(default_factory=dict)
    vacuous: set[tuple[str, str]] = field(default_factory=set)
    graph_states: int = 0
    graph_steps: int = 0

    @property
    def omission_probability(self) -> float:
        """That some state was taken for another one, because their fingerprints are equal, and left out.

        For n states and fingerprints of b bits, 1 - exp(-n (n - 1) / 2 / 2**b).
        """
        bits = {"64": 64, "128": 128}.get(self.storage)
        return 0.0 if bits is None else -math.expm1(-math.ldexp(self.states * (self.states - 1), -1 - bits))

    @property
    def exit(self) -> int:
        """The exit code: the lowest of the violations, or of the way it stopped."""
        if self.violations:
            return min(v.exit for v in self.violations)
        if self.interrupted:
            return self.interrupted
        return 20 if self.verdict == "incomplete" else 0
