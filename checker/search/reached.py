"""What must be possible: a search notes what it has seen happen, and what never did."""

from __future__ import annotations

from collections.abc import Sequence

from checker.lowering.machine import Machine
from checker.search.outcome import NEVER, Outcome, Violation


class Reached:
    """The reachability properties that a scenario decides, or that were asked for, and which of them a search has met.

    A scenario decides them under its own parameters and with all its threads: others may well rule out what it shows.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        scenario, declared = machine.scenario, machine.spec.parameters.declared()
        own = {name: scenario.parameters.get(name, p.default) for name, p in declared.items()}
        self._binding = machine.asked or (machine.parameters == own and not machine.without)
        self._due = [p for p in machine.properties if p.kind == "reachable" and (machine.asked or p.id in scenario.decides)]
        self._open = list(self._due)

    def look(self, state: bytes) -> None:
        """Note what is true in a state."""
        if self._open:
            holds = self._machine.predicate
            self._open = [p for p in self._open if not holds(p.function)(state)]

    def count(self, met: Sequence[int]) -> None:
        """Note what was counted elsewhere, for each property of the machine."""
        self._open = [p for p in self._open if not met[self._machine.properties.index(p)]]

    def conclude(self, outcome: Outcome) -> None:
        """Write the verdicts into the outcome: what an exhaustive search has not met is violated."""
        missed = self._open
        for p in self._due:
            verdict = "not met yet" if not outcome.exhaustive else "violated" if self._binding else "not met"
            outcome.decided[p.id, p.name] = verdict if p in missed else "ok"
            if p in missed and verdict == "violated":
                outcome.violations.append(Violation(p.id, p.name, NEVER, (), (), 12))
