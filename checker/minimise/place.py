"""A scope as minimising sees it: parameters, and threads that are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checker.lowering.machine import Machine
from checker.search.outcome import Choice


@dataclass(frozen=True, slots=True)
class Place:
    """Where a schedule is executed.

    Attributes
    ----------
    parameters : tuple of str and int
        All of them.
    without : tuple of str
        Thread functions of the scenario that are left out, in its order.
    """

    parameters: tuple[tuple[str, int], ...]
    without: tuple[str, ...] = ()

    def value(self, name: str) -> int:
        """The value of a parameter."""
        return dict(self.parameters)[name]

    def with_values(self, values: Mapping[str, int]) -> Place:
        """The place with other values of some parameters."""
        return replace(self, parameters=tuple((k, values.get(k, v)) for k, v in self.parameters))

    def leaving_out(self, function: str) -> Place:
        """The place without a thread function."""
        return replace(self, without=(*self.without, function))


def place_of(machine: Machine) -> Place:
    """Where a machine's runs take place."""
    return Place(tuple(machine.parameters.items()), machine.without)


def same_threads(before: Sequence[str], after: Sequence[str], used: Sequence[int]) -> dict[int, int]:
    """For each thread that takes steps the one that plays its part in a place with other threads, as far as there is one.

    Threads of one function stand for each other, in the order in which they first take a step.

    Parameters
    ----------
    before, after : sequence of str
        Names of the threads, ``function`` or ``function number``.
    used : sequence of int
        The threads of the steps, in order.
    """
    free: dict[str, list[int]] = {}
    for i, name in enumerate(after):
        free.setdefault(_function(name), []).append(i)
    out: dict[int, int] = {}
    for thread in dict.fromkeys(used):
        others = free.get(_function(before[thread]))
        if others:
            out[thread] = others.pop(0)
    return out


def transplants(before: Sequence[str], after: Sequence[str], schedule: Sequence[Choice]) -> list[list[Choice]]:
    """A schedule for a place with other threads: each part by a thread of its own, then several by one, if they are fewer.

    What one thread does for several it does one operation after the other, each where its last step was; an operation
    is what lies between two choices of a thread.
    """
    alone = same_threads(before, after, [t for t, _ in schedule])
    out = [[(alone[t], c) for t, c in schedule if t in alone]]
    by_function = {_function(after[b]): b for b in reversed(alone.values())}
    shared = {t: alone.get(t, by_function.get(_function(before[t]))) for t, _ in schedule}
    if any(b is not None for t, b in shared.items() if t not in alone):
        whole = {b for t, b in shared.items() if t not in alone}
        steps = _one_by_one(schedule, {t for t, b in shared.items() if b in whole})
        out.append([(b, c) for t, c in steps if (b := shared[t]) is not None])
    return out


def _one_by_one(schedule: Sequence[Choice], threads: set[int]) -> list[Choice]:
    """The steps of some threads moved so that no operation of one is within that of another."""
    last: dict[int, int] = {}
    for t in threads:
        end = None
        for i in reversed([i for i, (s, _) in enumerate(schedule) if s == t]):
            last[i] = end = i if end is None else end
            end = None if schedule[i][1] else end
    order = sorted(range(len(schedule)), key=lambda i: (last.get(i, i), i))
    return [schedule[i] for i in order]


def _function(name: str) -> str:
    head, _, number = name.rpartition(" ")
    return head if head and number.isdigit() else name
