"""What random walks are asked for, how far they are, and what an engine does that walks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from checker.errors import UsageError
from checker.search.concrete import Shown


@dataclass(frozen=True, slots=True)
class Walks:
    """How many walks, and how far; None is no bound.

    Attributes
    ----------
    seed : int
        0 up to 2**64 - 1.
    walks : int or None
        Walks at most.
    depth : int or None
        Steps of each walk at most.
    steps : int or None
        Steps of all walks together at most.

    Raises
    ------
    UsageError
        A number is out of range.
    """

    seed: int
    walks: int | None = None
    depth: int | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 1 << 64:
            raise UsageError(f"seed {self.seed} is outside 0..2**64 - 1; give one within")
        for name, bound in (("walks", self.walks), ("depth", self.depth), ("steps", self.steps)):
            if bound is not None and not 0 < bound < 1 << 63:
                raise UsageError(f"a bound of {bound} {name} is outside 1..2**63 - 1; give one within, or none")


@dataclass(frozen=True, slots=True)
class Place:
    """How far the walks are: the present one, from 0, and its steps; the steps of all; the most that one walk has."""

    walk: int
    at: int
    steps: int
    longest: int


class Walker(Protocol):
    """An engine that walks."""

    def begin(self) -> int:
        """Check state 0; returns why that is all, or 0."""

    def on(self, more: int) -> int:
        """Take so many steps more, in as many walks as that needs; returns why there can be no other, or 0."""

    def place(self) -> Place:
        """How far the walks are."""

    def shown(self) -> Shown:
        """What is violated."""

    def count(self) -> None:
        """See to it that the counters of the machine have counted the walks."""

    def close(self) -> None:
        """Give memory back."""
