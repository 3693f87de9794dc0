"""A loop over canonical forms that is longer as a real run: each round leaves another node in the place."""

from __future__ import annotations

from typing import Annotated

from spec.language import Interchangeable, Range, Scenario, Size, Thread, choose, leads_to

from . import sys


class Peg:
    """A node that only its name tells from the others, unless it is marked."""

    mark: bool


class Ring:
    """The node that has its turn."""

    count: Annotated[int, Range(0, "nodes")]
    pegs: Annotated[list[Peg], Size("nodes"), Interchangeable("count")]
    turn: Peg | None


def initial(r: Ring) -> None:
    """All nodes are there."""
    r.count = sys.nodes


def may(r: Ring, i: int) -> bool:
    """Another one than the present."""
    return r.turn is not r.pegs[i]


def passer(r: Ring) -> None:
    """Pass the turn on."""
    while True:
        i = choose(range(sys.nodes), where=lambda i: may(r, i))
        r.turn = r.pegs[i]


@leads_to("L1", "marked", fair=("passer",))
def marked(r: Ring) -> bool:
    """Mark a node, which nobody does."""
    for i in range(r.count):
        if r.pegs[i].mark:
            return True
    return False


SCENARIO = Scenario("names", "the turn goes round", Ring, initial, (Thread(passer),), liveness=("L1",))
