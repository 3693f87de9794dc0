"""Is each step of a schedule needed, and what is lost without it?"""

from __future__ import annotations

from checker.errors import SpecEvaluationError
from checker.lowering.graph import Position
from checker.lowering.machine import Machine
from checker.search.concrete import deadlocked, shown_by
from checker.search.outcome import Violation
from checker.trace.trace import Need

_HOLDS = {11: "some thread can go on", 12: "the clause holds", 14: "nothing is thrown"}
LONGEST = 400
"""Steps of a schedule up to which each is looked at: the work grows with the square."""
_LISTED = 6


def needs_of(machine: Machine, v: Violation) -> tuple[Need, ...]:
    """For each step of a violation's schedule what becomes of the others without it; empty for lassos and very long ones."""
    if v.loop is not None or len(v.schedule) > LONGEST:
        return ()
    positions = _positions(machine, v)
    return tuple(_need(machine, v, positions, i) for i in range(len(v.schedule)))


def _positions(machine: Machine, v: Violation) -> list[Position]:
    """Where each step begins."""
    state, out = machine.initial(), []
    for thread, choice in v.schedule:
        out.append(machine.waiting_at(state, thread)[1])
        state = next(s.state for s in machine.steps(state, thread) if s.choice == choice)
    return out


def _need(machine: Machine, v: Violation, positions: list[Position], gone: int) -> Need:
    """Leave a step out, and what cannot be taken without it, and look whether the rest shows the violation."""
    state, key = machine.initial(), (v.property, v.clause)
    lost: list[int] = []
    shows = False
    try:
        for i, (thread, choice) in enumerate(v.schedule):
            if i == gone:
                continue
            there = machine.waiting_at(state, thread)[1] == positions[i]
            step = next((s for s in machine.steps(state, thread) if s.choice == choice), None) if there else None
            if step is None or (step.thrown is not None and key[0] != "P6"):
                lost.append(i + 1)
                continue
            shows = shown_by(machine, state, step, key) is not None
            if shows or step.thrown is not None:
                break
            state = step.state
        shows = shows or (v.exit == 11 and deadlocked(machine, state))
    except SpecEvaluationError as e:
        return Need(gone + 1, True, f"the specification cannot be evaluated: {e}")
    if shows:
        return Need(gone + 1, False, "")
    then = f"{_steps(lost)} cannot be taken, and" if lost else "all others can be taken, but"
    return Need(gone + 1, True, f"{then} {_HOLDS[v.exit]} to the end")


def _steps(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_LISTED])) + (f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else "")
    return f"step{'s' if len(numbers) > 1 else ''} {shown}"
