"""The violation that is made smaller, and whether it shows in another scope."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from checker.errors import AssumptionError, LanguageError, SpecEvaluationError
from checker.lowering.machine import Machine
from checker.minimise.budget import OPENING, SCOPE, Budget
from checker.minimise.follow import Followed, follow
from checker.minimise.place import Place, place_of, transplants
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.check_liveness import check_liveness, decider
from checker.search.interrupts import Interrupted
from checker.search.outcome import Choice, Outcome, Violation

_KEPT = 4
"""Machines that are kept: the last ones are asked for again."""

_SMALL = 3_000
"""States up to which a scope is searched by the reference engine, which needs no compiling."""


@dataclass(frozen=True, slots=True)
class Example:
    """A run that shows the violation.

    Attributes
    ----------
    place : Place
    threads : tuple of str
    violation : Violation
    shortest : bool
        No shorter run of this place shows it.
    """

    place: Place
    threads: tuple[str, ...]
    violation: Violation
    shortest: bool

    @property
    def schedule(self) -> tuple[Choice, ...]:
        """The steps."""
        return self.violation.schedule


class Undecided(Exception):
    """A scope could not be searched to the end."""


class Case:
    """A violation of one machine, to be shown in other scopes of its scenario.

    Parameters
    ----------
    machine : Machine
    violation : Violation
    budget : Budget
    native : bool
        Search larger scopes by the native engine.

    Attributes
    ----------
    key : tuple of str
        Property and clause: the same violation is the same clause.
    searches : bool
        Smaller scopes are searched, and not only tried with the steps of the larger one.
    """

    searches = True

    def __init__(self, machine: Machine, violation: Violation, budget: Budget, *, native: bool = True) -> None:
        self.machine, self.violation, self.budget = machine, violation, budget
        self.key = violation.property, violation.clause
        self.lasso = violation.loop is not None
        self._properties = [p for p in machine.properties if (p.id, p.name) == (violation.property, violation.name)]
        self._native = native
        self._machines: OrderedDict[Place, Machine | None] = OrderedDict()
        self._machines[place_of(machine)] = machine

    def at(self, place: Place) -> Machine | None:
        """The machine of a place; None if the spec's assumptions forbid it."""
        if place not in self._machines:
            self.budget.open(OPENING)
            self._machines[place] = self._made(place)
            if len(self._machines) > _KEPT:
                self._machines.popitem(last=False)
        self._machines.move_to_end(place)
        machine = self._machines[place]
        if machine is not None:
            machine.spec.parameters.reset(machine.parameters)
        return machine

    def _made(self, place: Place) -> Machine | None:
        m = self.machine
        try:
            return Machine(
                m.spec,
                m.declared,
                dict(place.parameters),
                atomicity=m.atomicity,
                properties=self._properties,
                explained=not m.strict,
                reductions=m.canonical.reductions,
                without=place.without,
            )
        except (AssumptionError, LanguageError):
            return None

    def follow(self, machine: Machine, schedule: Sequence[Choice], *, skip: bool = True, near: bool = False) -> Followed:
        """Follow a schedule; see `checker.minimise.follow`."""
        self.budget.open()
        done = follow(machine, schedule, self.key, skip=skip, near=near)
        self.budget.spend(len(done.schedule))
        return done

    def transplanted(self, example: Example, place: Place) -> Example | None:
        """The steps of an example in another place, those left out that cannot be taken there."""
        machine = self.at(place)
        if machine is None or self.lasso:
            return None
        for schedule in transplants(example.threads, machine.threads, example.schedule):
            try:
                done = self.follow(machine, schedule, near=True)
            except SpecEvaluationError:
                continue  # the place is too small for what the spec does there
            if done.violation is not None:
                return Example(place, tuple(machine.threads), done.violation, False)
        return None

    def search(self, place: Place, depth: int, *, states: int = SCOPE) -> Example | None:
        """A shortest run of a place that shows the violation, of at most ``depth`` steps.

        None: there is none, or the place is too small for what the spec does within so many steps.

        Raises
        ------
        Undecided
            The search was given up after so many states.
        """
        machine = self.at(place)
        if machine is None:
            return None
        try:
            outcome = self._lassos(machine, states) if self.lasso else self._states(machine, Limits(depth, states))
        except SpecEvaluationError:
            return None
        for v in outcome.violations:
            if (v.property, v.clause) == self.key and len(v.schedule) <= depth:
                return Example(place, tuple(machine.threads), v, not self.lasso)
        if outcome.interrupted:
            raise Interrupted(outcome.interrupted)
        if outcome.stopped:
            raise Undecided(outcome.stopped)
        return None

    def _states(self, machine: Machine, limits: Limits) -> Outcome:
        limits = Limits(limits.depth, self._allowed(limits.states))
        outcome = self._bounded(machine, Limits(limits.depth, _SMALL), go_on=False, native=False)
        if outcome.stopped and not outcome.interrupted and self._native:
            outcome = self._bounded(machine, limits, go_on=False, native=True)
        if outcome.violations and not any((v.property, v.clause) == self.key for v in outcome.violations):
            outcome = self._bounded(machine, limits, go_on=True, native=self._native)
        return outcome

    def _lassos(self, machine: Machine, states: int) -> Outcome:
        """The whole graph is needed, whatever the depth."""
        outcome = Outcome()
        self.budget.open()
        limits = Limits(states=self._allowed(states))
        check_liveness(machine, outcome, limits, decider=decider(native=self._native))
        self.budget.spend(outcome.graph_steps)
        return outcome

    def _allowed(self, states: int | None) -> int:
        return min(SCOPE if states is None else states, self.budget.left)

    def _bounded(self, machine: Machine, limits: Limits, *, go_on: bool, native: bool) -> Outcome:
        self.budget.open()
        if native:
            from checker.search.native import NativeSearch

            outcome = NativeSearch(machine, limits, go_on=go_on).run()
        else:
            outcome = BreadthFirst(machine, limits, go_on=go_on).run()
        self.budget.spend(outcome.transitions)
        return outcome
