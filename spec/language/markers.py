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


@dataclass(frozen=True, slots=True)
class ThreadNumber:
    """The number of a thread from 1, as `thread` gives it, or 0; thread sorting renames it."""


@dataclass(frozen=True, slots=True)
class PerThread:
    """An array with an element for each thread of the scenario, at index ``thread() - 1``; takes the place of `Size`."""


@dataclass(frozen=True, slots=True)
class Interchangeable:
    """An array of records that may be renamed: which of them plays which part changes nothing.

    No statement may depend on an index into the array, except that the records beyond the first ``among`` are not
    in use yet and are all alike. References to the records may stand anywhere in the state.

    Attributes
    ----------
    among : str
        The root's field that counts the records in use; only these are renamed.
    when : str
        A parameter, or a derived one, that must not be 0; empty: always.
    """

    among: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Unordered:
    """An array of cells whose order means nothing: a multiset."""


class Lock:
    """A mutual exclusion lock: free, or owned by one thread (``owner`` is its number from 1, 0 = free)."""

    __slots__ = ("name", "owner")

    def __init__(self, name: str = "lock") -> None:
        self.name = name
        self.owner = 0
