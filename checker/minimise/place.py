"""A scope as minimising sees it: parameters, and threads that are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checker.lowering.machine import Machine


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


def _function(name: str) -> str:
    head, _, number = name.rpartition(" ")
    return head if head and number.isdigit() else name
