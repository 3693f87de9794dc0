"""Of the schedules of one length, one that is easier to read: fewer context switches, smaller arguments, simpler values.

Sound, because every candidate is executed from state 0 and must show the same clause violated in as many steps. Its
measure (switches, sum of the chosen values, the chosen values in order, the threads in order) must go down.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from checker.lowering.machine import Machine
from checker.minimise.case import Case, Example
from checker.search.outcome import Choice

Schedule = tuple[Choice, ...]
Measure = tuple[int, int, tuple[tuple[int, ...], ...], tuple[int, ...]]


def switches(schedule: Schedule) -> int:
    """How often another thread goes on."""
    return sum(a[0] != b[0] for a, b in pairwise(schedule))


def measure(schedule: Schedule) -> Measure:
    """What must go down."""
    chosen = tuple(c for _, c in schedule if c)
    return switches(schedule), sum(abs(v) for c in chosen for v in c), chosen, tuple(t for t, _ in schedule)


def polish(case: Case, example: Example) -> Iterator[Example]:
    """Ever simpler examples of the same length, until no single change helps."""
    machine = case.at(example.place)
    if machine is None or case.lasso:
        return
    found = True
    while found:
        found = False
        schedule = example.schedule
        for candidate in (*_moved(schedule), *_chosen(machine, schedule), *_renamed(machine, schedule)):
            if measure(candidate) >= measure(example.schedule):
                continue
            done = case.follow(machine, candidate, skip=False)
            if done.violation is not None and len(done.schedule) == len(example.schedule):
                found, example = True, Example(example.place, example.threads, done.violation, example.shortest)
                yield example
                break


def _moved(schedule: Schedule) -> Iterator[Schedule]:
    """One run of steps of a thread moved to stand beside another one of the same thread."""
    runs = _runs(schedule)
    for i, run in enumerate(runs):
        for j in range(len(runs)):
            if j not in (i - 1, i):
                rest = runs[:i] + runs[i + 1 :]
                at = j + 1 if j < i else j
                yield tuple(c for part in (*rest[:at], run, *rest[at:]) for c in part)


def _runs(schedule: Schedule) -> list[Schedule]:
    out: list[list[Choice]] = []
    for step in schedule:
        if out and out[-1][-1][0] == step[0]:
            out[-1].append(step)
        else:
            out.append([step])
    return [tuple(run) for run in out]


def _chosen(machine: Machine, schedule: Schedule) -> Iterator[Schedule]:
    """One chosen value made smaller, at one step, or wherever threads of that function chose it from there on."""
    functions = [function for _, function, _ in machine.instances]
    state = machine.initial()
    for at, (thread, choice) in enumerate(schedule):
        steps = machine.steps(state, thread)
        for s in steps if choice else ():
            if (sum(map(abs, s.choice)), s.choice) < (sum(map(abs, choice)), choice):
                yield (*schedule[:at], (thread, s.choice), *schedule[at + 1 :])
                like = [t for t, function in enumerate(functions) if function is functions[thread]]
                later = tuple((t, _exchanged(c, choice, s.choice) if t in like else c) for t, c in schedule[at:])
                yield (*schedule[:at], *later)
        state = next(s.state for s in steps if s.choice == choice)


def _renamed(machine: Machine, schedule: Schedule) -> Iterator[Schedule]:
    """Two threads of one function play each other's parts."""
    functions = [function for _, function, _ in machine.instances]
    for a in range(len(functions)):
        for b in range(a + 1, len(functions)):
            if functions[a] is functions[b]:
                other = {a: b, b: a}
                yield tuple((other.get(t, t), c) for t, c in schedule)


def _exchanged(choice: tuple[int, ...], old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """A choice in which values of ``old`` and ``new`` at the same place change their parts."""
    if len(choice) != len(old):
        return choice
    return tuple(b if v == a else a if v == b else v for v, a, b in zip(choice, old, new, strict=True))
