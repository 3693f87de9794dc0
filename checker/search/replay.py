"""Replaying a schedule on the plain heap: what each step called and changed.

The plain heap is executed independently of the lowered one, so a replay also confirms the counterexample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checker.errors import CheckerError
from checker.lowering.machine import Machine
from checker.plain import Call, PlainRun
from checker.search.outcome import Choice

CellName = tuple[str, str, int, int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One cell before and after a step."""

    cell: CellName
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Step:
    """Step ``index`` leads to state ``index``.

    Attributes
    ----------
    thread : str
    choice : tuple of str and int
        What was chosen, by the name of the local that took it.
    calls : tuple of Call
    changes : tuple of Change
    position : tuple of str and int
        Function and line at which the step begins.
    ends_at : str
        What the thread waits at afterwards.
    thrown : str
    """

    index: int
    thread: str
    choice: tuple[tuple[str, int], ...]
    calls: tuple[Call, ...]
    changes: tuple[Change, ...]
    position: tuple[str, int]
    ends_at: str
    thrown: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A schedule executed on the plain heap; ``picture`` draws the last state."""

    steps: tuple[Step, ...]
    picture: tuple[str, ...]


class Disagreement(CheckerError):
    """Two executions of the spec differ: a defect of the tool."""


def replay(machine: Machine, schedule: tuple[Choice, ...]) -> Replay:
    """Execute a schedule on the plain heap and compare each state with the lowered one.

    Raises
    ------
    Disagreement
        The two differ.
    """
    steps = []
    state = machine.initial()
    atomicity: Literal["lock", "fine"] = "fine" if machine.atomicity == "fine" else "lock"
    with PlainRun(machine.spec, machine.scenario, machine.parameters, atomicity=atomicity, record_calls=True) as run:
        for index, (thread, choice) in enumerate(schedule, start=1):
            before = run.cells()
            chosen = tuple(zip(machine.choice_names(state, thread), choice, strict=True))
            position = run.position(thread)[-1]
            done = run.take(thread, choice)
            calls, thrown = list(done.calls), done.thrown or ""
            while not thrown and run.waiting_at(thread) == "released" and run.position(thread) in machine.graphs[thread].silent:
                done = run.take(thread, ())
                calls, thrown = _merge(calls, done.calls), done.thrown or ""
            after = run.cells()
            changes = tuple(Change(b[:4], b[4], a[4]) for b, a in zip(before, after, strict=True) if a != b)
            ends_at = "throw" if thrown else run.waiting_at(thread)
            steps.append(Step(index, machine.threads[thread], chosen, tuple(calls), changes, position, ends_at, thrown))
            state = _follow(machine, state, (thread, choice), index)
            if not thrown and list(machine.layout.values(state)) != after:
                raise Disagreement(
                    f"step {index} leads the plain heap and the lowered one to different states; please report this"
                )
        picture = [line for p in machine.spec.pictures for line in p.draw(run.world.root)]
    return Replay(tuple(steps), tuple(picture))


def _follow(machine: Machine, state: bytes, choice: Choice, index: int) -> bytes:
    for s in machine.successors(state):
        if (s.thread, s.choice) == choice:
            return s.state
    raise Disagreement(f"step {index} of the schedule is not enabled in the lowered heap; please report this")


def _merge(calls: list[Call], more: tuple[Call, ...]) -> list[Call]:
    """Calls that were open get their results from the continuation of the step."""
    out = list(calls)
    for call in more:
        for i, old in enumerate(out):
            if not old.ended and not call.began and (old.name, old.depth, old.args) == (call.name, call.depth, call.args):
                out[i] = Call(old.name, old.args, call.result, old.depth, old.began, call.ended)
                break
        else:
            out.append(call)
    return out
