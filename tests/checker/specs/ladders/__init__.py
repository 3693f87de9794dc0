"""Ladders to climb, each with a rung that may be rotten: small scopes with every verdict.

Expected: ``short`` and ``tall`` close without a violation, and F1 is seen; with ``rotten=2`` P1 is violated after two steps
in both; with ``top=7`` the specification cannot be evaluated, and ``top=8`` is not allowed; P2 is met in ``tall`` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from spec.language import (
    Finding,
    Parameters,
    Range,
    Scenario,
    Thread,
    Unreached,
    check,
    given,
    invariant,
    leads_to,
    parameter,
    reachable,
    wait,
)


class Sys(Parameters):
    """The bounds."""

    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    top = parameter(3, lo=1, hi=9, doc="rungs")
    rotten = parameter(9, hi=9, doc="the rung that breaks")
    way = parameter(0, doc="where to", names=("up", "nowhere"))

    def assumptions(self) -> Iterator[str]:
        """No eight rungs."""
        if self.top == 8:
            yield "a ladder of 8 rungs is not made"


sys = Sys()


class Ladder:
    """Where the climber is."""

    rung: Annotated[int, Range(0, 6)]
    hurt: bool
    waves: bool


def initial(r: Ladder) -> None:
    """At the foot."""


def climber(r: Ladder) -> None:
    """Go up, and rest at the top."""
    while True:
        wait(lambda: r.rung < sys.top and sys.way == 0, rest=True)
        r.rung += 1
        if r.rung == sys.rotten:
            r.hurt = True
        if r.rung == 4:
            r.waves = True


def neighbour(r: Ladder) -> None:
    """Look on, and wave back once."""
    wait(lambda: r.rung > 1, rest=True)
    r.waves = True


@invariant("P1", "not hurt")
def whole(r: Ladder) -> None:
    """Come to no harm."""
    check("unhurt", not r.hurt, rung=r.rung)


@invariant("P2", "waves at four")
def waving(r: Ladder) -> None:
    """Wave from the fourth rung."""
    if given(r.rung == 4):
        check("waving", r.waves)


@invariant("P3", "stays low")
def low(r: Ladder) -> None:
    """Stay at the foot, which nobody does."""
    check("at the foot", r.rung == 0, rung=r.rung)


@invariant("P3", "hands on the ladder")
def holding(r: Ladder) -> None:
    """Wave from no rung below the fourth, unless one is waved at."""
    check("no waving", not (r.waves and r.rung == 3 and sys.top == 3), rung=r.rung)


@reachable("R1", "a view")
def view(r: Ladder) -> bool:
    """Get to the top."""
    return r.rung == sys.top


@leads_to("L1", "comes up", fair=("climber",))
def up(r: Ladder) -> bool:
    """Get to the top at last."""
    return r.rung == sys.top


def climbs(r: Ladder, rung: int) -> bool:
    """It is what ladders are for."""
    return rung > 0 and sys.top != 6


def climbs_high(r: Ladder, rung: int) -> bool:
    """It is what tall ladders are for."""
    return rung > 0 and sys.top == 6


FINDING = Finding(
    id="F1",
    title="climbers climb",
    property="P3",
    clause="at the foot",
    explains=climbs,
    scenario="short",
    depth=1,
    reason="ladders are for that",
)
DEEP = Finding(
    id="F2",
    title="climbers of tall ladders climb",
    property="P3",
    clause="at the foot",
    explains=climbs_high,
    scenario="tall",
    parameters={"top": 6},
    depth=2,
    reason="tall ladders too",
)
UNREACHED = Unreached("climber", "r.hurt = True", "only rotten ladders hurt")

CLIMB = (Thread(climber),)
SHORT = Scenario("short", "three rungs", Ladder, initial, CLIMB, decides=("P1", "P3", "R1"), liveness=("L1",))
TALL = Scenario("tall", "five rungs", Ladder, initial, (*CLIMB, Thread(neighbour)), {"top": 5}, decides=("P1", "P2"))
