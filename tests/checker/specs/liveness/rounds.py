"""A walk with a loop inside a loop: the outer one meets the goal, the inner one need not."""

from __future__ import annotations

from typing import Annotated

from spec.language import Range, Scenario, Thread, choose, leads_to, reachable

from . import sys


class Rounds:
    """Where the walk is."""

    at: Annotated[int, Range(0, 9)]


def initial(r: Rounds) -> None:
    """It begins at 0."""


def walker(r: Rounds) -> None:
    """0, 1, then 2 and 3 in turn any number of times, then 4, and 0 again."""
    while True:
        on = choose(range(2), where=lambda on: on == 0 or r.at == 3)
        if on == 1:
            r.at = 4
        elif r.at == 3:
            r.at = 2
        elif r.at == 4:
            r.at = 0
        else:
            r.at += 1


def at_one(r: Rounds) -> bool:
    """The walk is at 1."""
    return r.at == 1


@leads_to("L1", "goes home", after=at_one, fair=("walker",))
def home(r: Rounds) -> bool:
    """Come back to 0; the inner loop need never be left."""
    return r.at == 0


@leads_to("L2", "comes by", fair=("walker",))
def comes_by(r: Rounds) -> bool:
    """Come by 2 again and again: it lies on both loops."""
    return r.at == 2


@reachable("R1", "far")
def far(r: Rounds) -> bool:
    """Get to 4, which takes five steps."""
    return r.at == 4


@reachable("R2", "beyond")
def beyond(r: Rounds) -> bool:
    """Get where there is no way to, whatever `top`."""
    return r.at == 4 + sys.top


SCENARIO = Scenario("rounds", "a loop in a loop", Rounds, initial, (Thread(walker),), decides=("R1",), liveness=("L1", "L2"))
IMPOSSIBLE = Scenario("impossible", "the same, and what cannot be", Rounds, initial, (Thread(walker),), decides=("R1", "R2"))
