"""What a search found."""

from __future__ import annotations

from dataclasses import dataclass, field

from checker.lowering.machine import Witness

Choice = tuple[int, tuple[int, ...]]
"""One step of a schedule: thread index and chosen values."""


DEADLOCK = "no thread can step, and not all rest"
"""The clause of `P26`."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A violated property and a shortest schedule to it.

    Attributes
    ----------
    property, name, clause : str
        ``P6`` is a Throw of the heap, ``P26`` a deadlock.
    witness : Witness
    schedule : tuple of Choice
        From state 0; its last step makes the violation.
    exit : int
        The exit code of its kind: 11, 12 or 14.
    place : str
        Of a Throw.
    """

    property: str
    name: str
    clause: str
    witness: Witness
    schedule: tuple[Choice, ...]
    exit: int
    place: str = ""


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

    @property
    def exit(self) -> int:
        """The exit code: the lowest of the violations, or of the way it stopped."""
        if self.violations:
            return min(v.exit for v in self.violations)
        if self.interrupted:
            return self.interrupted
        return 20 if self.verdict == "incomplete" else 0
