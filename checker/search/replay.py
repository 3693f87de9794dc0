"""Replaying a schedule on the plain heap: what each step called and changed.

The plain heap is executed independently of the lowered one, so a replay also confirms the counterexample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from checker.errors import CheckerError
from checker.lowering.machine import Machine
from checker.plain import Call, PlainRun
from checker.search.outcome import Choice
from spec.language import Drawn, Property
from spec.language.plain import World

Cell = tuple[str, str, int, int | None, int]
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
    begins_at, ends_at : str
        The kinds of scheduling point at which the thread waits before and afterwards.
    thrown : str
    """

    index: int
    thread: str
    choice: tuple[tuple[str, int], ...]
    calls: tuple[Call, ...]
    changes: tuple[Change, ...]
    position: tuple[str, int]
    begins_at: str
    ends_at: str
    thrown: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A schedule executed on the plain heap.

    Attributes
    ----------
    steps : tuple of Step
    states : tuple of list of Cell
        The cells of each state from 0.
    pictures : tuple of tuple of Drawn
        How each state is drawn.
    """

    steps: tuple[Step, ...]
    states: tuple[list[Cell], ...]
    pictures: tuple[tuple[Drawn, ...], ...]


Told = Callable[[int, Property, list[object], World], None]
"""Called before an end-of-operation property is evaluated: with the step, the property, its arguments and the world."""


class Disagreement(CheckerError):
    """Two executions of the spec differ: a defect of the tool."""


def replay(machine: Machine, schedule: Sequence[Choice], *, told: Told | None = None) -> Replay:
    """Execute a schedule on the plain heap and compare each state with the lowered one.

    Raises
    ------
    Disagreement
        The two differ.
    """
    steps: list[Step] = []
    state = machine.initial()
    atomicity: Literal["lock", "fine"] = "fine" if machine.atomicity == "fine" else "lock"

    def ends(prop: Property, arguments: list[object]) -> None:
        if told is not None:
            told(len(steps) + 1, prop, arguments, run.world)

    with PlainRun(machine.spec, machine.scenario, machine.parameters, atomicity=atomicity, record_calls=True, told=ends) as run:
        states, pictures = [run.cells()], [_drawn(machine, run)]
        for index, (thread, choice) in enumerate(schedule, start=1):
            chosen = tuple(zip(machine.choice_names(state, thread), choice, strict=True))
            position, begins_at = run.position(thread)[-1], run.waiting_at(thread)
            done = run.take(thread, choice)
            calls, thrown = list(done.calls), done.thrown or ""
            while not thrown and run.waiting_at(thread) == "released" and run.position(thread) in machine.graphs[thread].silent:
                done = run.take(thread, ())
                calls, thrown = _merge(calls, done.calls), done.thrown or ""
            states.append(run.cells())
            pictures.append(_drawn(machine, run))
            changes = tuple(Change(b[:4], b[4], a[4]) for b, a in zip(*states[-2:], strict=True) if a != b)
            ends_at, name = "throw" if thrown else run.waiting_at(thread), machine.threads[thread]
            steps.append(Step(index, name, chosen, tuple(calls), changes, position, begins_at, ends_at, thrown))
            state = _follow(machine, state, (thread, choice), index)
            if not thrown and list(machine.layout.values(state)) != states[-1]:
                raise Disagreement(
                    f"step {index} leads the plain heap and the lowered one to different states; please report this"
                )
    return Replay(tuple(steps), tuple(states), tuple(pictures))


def _drawn(machine: Machine, run: PlainRun) -> tuple[Drawn, ...]:
    return tuple(part for p in machine.spec.pictures for part in p.draw(run.world.root))


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
