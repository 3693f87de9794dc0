"""What a field declaration may say: its numbers, who may read it, whether it is a ghost.

A field is annotated with one of these markers, as in ``Annotated[int, Range(0, "pages")]``.
Bounds, widths and sizes are integers or names of scenario parameters, so one declaration
serves a heap of eight pages and a heap of a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

Bound = int | str


@dataclass(frozen=True, slots=True)
class Range:
    """An integer in ``lo..hi`` inclusive; a store outside it is an error of the run (exit 75)."""

    lo: Bound
    hi: Bound


@dataclass(frozen=True, slots=True)
class Wrap:
    """An unsigned machine word of ``bits`` bits; a store keeps the low bits, as Go does."""

    bits: Bound


@dataclass(frozen=True, slots=True, init=False)
class Names:
    """An enumeration: the integer ``i`` stands for the ``i``-th name."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True, slots=True)
class Size:
    """The length of an array field."""

    of: Bound


@dataclass(frozen=True, slots=True)
class Racy:
    """The field is also read without a lock; ``lock`` names the root's lock that otherwise protects it."""

    lock: str = ""


@dataclass(frozen=True, slots=True)
class Ghost:
    """The field belongs to the observer: no statement of the heap may read it."""


class Lock:
    """A mutual exclusion lock: free, or owned by one thread (``owner`` is its number from 1, 0 = free)."""

    __slots__ = ("name", "owner")

    def __init__(self, name: str = "lock") -> None:
        self.name = name
        self.owner = 0
