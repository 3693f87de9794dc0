"""Making a schedule shorter where its scope is too large to be searched: parts are left out, and the rest is followed.

Sound, because what remains is executed from state 0 again and must show the same clause violated. Parts are, from large
to small: all steps of a thread, what a thread does after some point, whole operations (from one choice of a thread to its
next), single steps. What cannot be taken any more is left out as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.lowering.machine import Machine
from checker.minimise.case import Case, Example
from checker.search.outcome import Choice


def shorten(case: Case, example: Example) -> Iterator[Example]:
    """Ever shorter examples, until leaving out any one part helps no more."""
    machine = case.at(example.place)
    if machine is None or case.lasso:
        return
    found = True
    while found:
        found = False
        for parts in (_threads, _tails, _operations, _steps):
            for shorter in _remove(case, machine, example, parts(example.schedule)):
                found, example = True, shorter
                yield example


def _remove(case: Case, machine: Machine, example: Example, parts: Sequence[frozenset[int]]) -> Iterator[Example]:
    """Leave parts out, many at once first: the halves, the quarters, and so on down to single ones."""
    size = max(len(parts) // 2, 1)
    schedule = example.schedule
    while parts:
        at = 0
        while at < len(parts):
            gone = frozenset[int]().union(*parts[at : at + size])
            rest = [c for i, c in enumerate(schedule) if i not in gone]
            done = case.follow(machine, rest)
            if done.violation is not None and len(done.schedule) < len(example.schedule):
                example = Example(example.place, example.threads, done.violation, False)
                yield example
                return  # positions have moved: the caller cuts the shorter schedule into parts anew
            at += size
        if size == 1:
            return
        size //= 2


def _threads(schedule: Sequence[Choice]) -> list[frozenset[int]]:
    return [
        frozenset(i for i, (t, _) in enumerate(schedule) if t == thread) for thread in dict.fromkeys(t for t, _ in schedule)
    ]


def _tails(schedule: Sequence[Choice]) -> list[frozenset[int]]:
    """The second half of what each thread does, the last quarter, and so on."""
    out = []
    for steps in _threads(schedule):
        order, size = sorted(steps), len(steps) // 2
        while size:
            out.append(frozenset(order[-size:]))
            size //= 2
    return out


def _operations(schedule: Sequence[Choice]) -> list[frozenset[int]]:
    """Each choice of a thread with its steps up to the next one; the last ones first, since least depends on them."""
    out = []
    for steps in _threads(schedule):
        part: list[int] = []
        for i in sorted(steps):
            if schedule[i][1] and part:
                out.append(frozenset(part))
                part = []
            part.append(i)
        out.append(frozenset(part))
    return sorted(out, key=max, reverse=True)


def _steps(schedule: Sequence[Choice]) -> list[frozenset[int]]:
    return [frozenset((i,)) for i in reversed(range(len(schedule)))]
