"""From a path of canonical forms to a run that really happens.

A canonical form stands for many states, so the path that a search remembers is no run. It is followed from state 0 by
taking, at each step, the successors whose form comes next on the path; the last step shows what was violated.
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.errors import CheckerError
from checker.lowering.machine import Failure, Machine, Successor
from checker.search.outcome import DEADLOCK, Choice, Violation

Shown = Failure | tuple[str, str] | None
"""A failed clause, a throw as message and place, or None for a deadlock."""


class Unsound(CheckerError):
    """The path of a violation cannot be followed from state 0: a reduction joined states that differ."""


def key_of(machine: Machine, what: Shown) -> tuple[str, str]:
    """Property and clause: what makes two violations the same."""
    if isinstance(what, Failure):
        return machine.properties[what.property].id, what.clause
    return ("P6", what[0]) if what is not None else ("P26", DEADLOCK)


def violation_of(machine: Machine, what: Shown, schedule: tuple[Choice, ...]) -> Violation:
    """The violation that a schedule ends with."""
    id, clause = key_of(machine, what)
    if isinstance(what, Failure):
        return Violation(id, machine.properties[what.property].name, clause, what.witness, schedule, 12)
    if what is None:
        return Violation(id, "no deadlock", clause, (), schedule, 11)
    return Violation(id, "legal state (a throw of the heap)", clause, (), schedule, 14, what[1])


def shown_by(machine: Machine, before: bytes, s: Successor, key: tuple[str, str]) -> Failure | tuple[str, str] | None:
    """What a step violates, if that is the given property and clause; a deadlock is shown by no step."""
    if s.thrown is not None:
        if key == ("P6", s.thrown[0]):
            return s.thrown
        later: tuple[Failure, ...] = ()
    else:
        later = machine.check(s.state)
        heap = slice(machine.layout.heap_bytes)
        if s.state[heap] != before[heap]:  # as the search: a step property is about steps that change something
            later = machine.check_step(before, s.state, s.thread) + later
    return next((f for f in s.failures + later if key_of(machine, f) == key), None)


def deadlocked(machine: Machine, state: bytes) -> bool:
    """Whether no thread can step and not all rest."""
    return not machine.successors(state) and not machine.at_rest(state)


def rebuild(machine: Machine, path: Sequence[bytes], what: Shown) -> Violation:
    """The violation at the end of a path, with a schedule and a witness of the real run.

    Parameters
    ----------
    path : sequence of bytes
        The canonical forms after state 0, up to the state before the violating step, or to the deadlock itself.
    what : Shown
        What the search saw.

    Raises
    ------
    Unsound
        No run follows the path.
    """
    key = key_of(machine, what)
    runs: dict[bytes, tuple[Choice, ...]] = {machine.initial(): ()}
    for step, form in enumerate(path, start=1):
        runs = _advance(machine, runs, form)
        if not runs:
            raise _lost(machine, key, step)
    for state, schedule in runs.items():
        if what is None and deadlocked(machine, state):
            return violation_of(machine, None, schedule)
        for s in machine.successors(state) if what is not None else ():
            shown = shown_by(machine, state, s, key)
            if shown is not None:
                return violation_of(machine, shown, (*schedule, (s.thread, s.choice)))
    raise _lost(machine, key, len(path) + 1)


def _advance(machine: Machine, runs: dict[bytes, tuple[Choice, ...]], form: bytes) -> dict[bytes, tuple[Choice, ...]]:
    """The runs that one more step leads to the form: exactly, or if none does, but for what is forgotten."""
    following = [
        (s.state, (*schedule, (s.thread, s.choice)))
        for state, schedule in runs.items()
        for s in machine.successors(state)
        if s.thrown is None
    ]
    for canonical in (machine.canonical, machine.canonical.loosely):
        aim = canonical(form)
        out: dict[bytes, tuple[Choice, ...]] = {}
        for state, schedule in following:
            if canonical(state) == aim:
                out.setdefault(state, schedule)
        if out:
            return out
    return {}


def _lost(machine: Machine, key: tuple[str, str], step: int) -> Unsound:
    by = ", ".join(machine.canonical.reductions) or "none"
    return Unsound(
        f"the violation of {key[0]} {key[1]!r} was found on reduced states (reductions: {by}), but no real run follows its "
        f"path beyond step {step}: a declaration of the spec is wrong, or the tool is; search with --reduce none"
    )
