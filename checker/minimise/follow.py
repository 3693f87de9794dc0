"""Following a schedule where not all of its steps can be taken any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.lowering.machine import Machine, Successor
from checker.search.concrete import deadlocked, key_of, shown_by, violation_of
from checker.search.outcome import Choice, Violation


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of a schedule.

    Attributes
    ----------
    schedule : tuple of Choice
        The steps that were taken, up to the first that shows the violation.
    refused : int or None
        Position in the given schedule of the first step that could not be taken; None if all could.
    violation : Violation or None
        None if it did not show.
    """

    schedule: tuple[Choice, ...]
    refused: int | None
    violation: Violation | None


def follow(machine: Machine, schedule: Sequence[Choice], key: tuple[str, str], *, skip: bool, near: bool = False) -> Followed:
    """Take the steps of a schedule until a property and clause are violated.

    Parameters
    ----------
    machine : Machine
    schedule : sequence of Choice
    key : tuple of str
        Property and clause.
    skip : bool
        Leave out a step that cannot be taken, and go on; otherwise end there.
    near : bool
        Where a thread cannot choose as it did, let it choose what is next to that.
    """
    state = machine.initial()
    taken: list[Choice] = []
    refused = None
    found = _in_state_0(machine, state, key)
    for at, (thread, choice) in enumerate(schedule if found is None else ()):
        step = wanted(machine, state, (thread, choice), near=near)
        shown = None if step is None else shown_by(machine, state, step, key)
        if step is None or (step.thrown is not None and shown is None):
            refused = at if refused is None else refused
            if skip:
                continue
            break
        taken.append((thread, step.choice))
        if shown is not None:
            found = violation_of(machine, shown, tuple(taken))
            break
        state = step.state
        if key[0] == "P26" and deadlocked(machine, state):
            found = violation_of(machine, None, tuple(taken))
            break
    return Followed(tuple(taken), refused, found)


def wanted(machine: Machine, state: bytes, choice: Choice, *, near: bool) -> Successor | None:
    """The step of a schedule in a state, or with ``near`` the one of its thread that chooses most like it."""
    steps = machine.steps(state, choice[0])
    for s in steps:
        if s.choice == choice[1]:
            return s
    like = [s for s in steps if len(s.choice) == len(choice[1]) > 0] if near else []
    return min(like, key=lambda s: (sum(abs(a - b) for a, b in zip(s.choice, choice[1], strict=True)), s.choice), default=None)


def _in_state_0(machine: Machine, state: bytes, key: tuple[str, str]) -> Violation | None:
    failed = next((f for f in machine.check(state) if key_of(machine, f) == key), None)
    return None if failed is None else violation_of(machine, failed, ())
