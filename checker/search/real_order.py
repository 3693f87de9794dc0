"""Does a counterexample happen in the real order too?

A spec may let a search visit things in any order where the real heap has one (`RealOrder`). That finds every violation
of the real order, and perhaps more. So a counterexample is looked for again under the real order: the same threads take
the same steps from the same places, but may take more or fewer of those that begin in the function that picks the next
thing. Choices are taken as they were if they can be, else otherwise, since numbers may differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.errors import AssumptionError
from checker.lowering.graph import Position
from checker.lowering.machine import Machine, Successor
from checker.search.concrete import Shown, deadlocked, shown_by, violation_of
from checker.search.outcome import DEADLOCK, Choice, Violation
from spec.language import RealOrder

TRIES = 200_000
"""Steps tried before the search for a real order gives up."""

REAL, DEPENDENT, UNDECIDED = "real", "dependent", "undecided"


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of a counterexample in the real order.

    Attributes
    ----------
    order : str
        `REAL`: it happens there. `DEPENDENT`: no schedule of this shape shows it. `UNDECIDED`: nor one of the first
        `TRIES` steps, or the real order cannot be had, or the counterexample is a lasso: those are not looked for again.
    machine : Machine
        Executes the violation's schedule: of the real order if ``order`` is `REAL`.
    violation : Violation
    """

    order: str
    machine: Machine
    violation: Violation


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A step of the counterexample outside the function: who, from where, with which choice."""

    thread: int
    position: Position
    choice: tuple[int, ...]


_Chain = tuple["_Chain | None", Choice] | None
"""A schedule, last step first."""


def in_real_order(machine: Machine, violation: Violation, *, tries: int = TRIES) -> Ordered | None:
    """Look for a counterexample in the real order; None if the spec has no other.

    Raises
    ------
    LanguageError
        The spec is outside the language under the real order's parameter.
    """
    order = machine.spec.real_order
    if order is None or order.parameter not in machine.parameters:
        return None
    if machine.parameters[order.parameter] == order.value:
        return Ordered(REAL, machine, violation)
    if violation.loop is not None:
        return Ordered(UNDECIDED, machine, violation)
    try:
        real = Machine(
            machine.spec,
            machine.declared,
            {**machine.parameters, order.parameter: order.value},
            atomicity=machine.atomicity,
            properties=machine.properties,
            explained=not machine.strict,
            without=machine.without,
        )
        search = _Search(real, order, _wanted(machine, order, violation), (violation.property, violation.clause), tries)
        found = search.run()
    except AssumptionError:
        return Ordered(UNDECIDED, machine, violation)
    finally:
        machine.spec.parameters.reset(machine.parameters)
    if found is not None:
        return Ordered(REAL, real, found)
    return Ordered(UNDECIDED if search.stopped else DEPENDENT, machine, violation)


def _inside(order: RealOrder, position: Position) -> bool:
    return any(function == order.function for function, _ in position)


def _wanted(machine: Machine, order: RealOrder, violation: Violation) -> list[_Wanted]:
    """The steps of a counterexample that must be taken."""
    out = []
    state = machine.initial()
    for thread, choice in violation.schedule:
        _, position = machine.waiting_at(state, thread)
        if not _inside(order, position):
            out.append(_Wanted(thread, position, choice))
        state = next(s.state for s in machine.steps(state, thread) if s.choice == choice)
    return out


class _Search:
    """Depth first over (steps taken of those wanted, state), each pair once."""

    def __init__(self, machine: Machine, order: RealOrder, wanted: list[_Wanted], key: tuple[str, str], tries: int) -> None:
        self.machine, self.order, self.wanted, self.key = machine, order, wanted, key
        self.tries = tries
        self.stopped = False

    def run(self) -> Violation | None:
        """The first schedule that shows the violation."""
        machine, initial = self.machine, self.machine.initial()
        seen = {(0, initial)}
        todo: list[tuple[int, bytes, _Chain]] = [(0, initial, None)]
        while todo:
            done, state, chain = todo.pop()
            if self.key == ("P26", DEADLOCK) and deadlocked(machine, state):
                return violation_of(machine, None, _schedule(chain))
            following: list[tuple[int, bytes, _Chain]] = []
            for now, s in self._steps(done, state):
                self.tries -= 1
                if self.tries < 0:
                    self.stopped = True
                    return None
                longer: _Chain = (chain, (s.thread, s.choice))
                shown: Shown = shown_by(machine, state, s, self.key)
                if shown is not None:
                    return violation_of(machine, shown, _schedule(longer))
                if s.thrown is None and (now, s.state) not in seen:
                    seen.add((now, s.state))
                    following.append((now, s.state, longer))
            todo += reversed(following)
        return None

    def _steps(self, done: int, state: bytes) -> Iterator[tuple[int, Successor]]:
        """The wanted step first, its choice first; then steps from within the function, by thread."""
        machine = self.machine
        next_ = self.wanted[done] if done < len(self.wanted) else None
        if next_ is not None and machine.waiting_at(state, next_.thread)[1] == next_.position:
            steps = machine.steps(state, next_.thread)
            yield from ((done + 1, s) for s in sorted(steps, key=lambda s: s.choice != next_.choice))
        for thread in range(len(machine.threads)):
            if _inside(self.order, machine.waiting_at(state, thread)[1]):
                yield from ((done, s) for s in machine.steps(state, thread))


def _schedule(chain: _Chain) -> tuple[Choice, ...]:
    out: list[Choice] = []
    while chain is not None:
        chain, step = chain
        out.append(step)
    return tuple(reversed(out))
