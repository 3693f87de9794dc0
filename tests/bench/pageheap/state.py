"""The state: a table from pages to spans, and what is known of each span at the page where it starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from spec.language import Names, Parameters, Range, Size, parameter


class Sys(Parameters):
    """The bounds."""

    P = parameter(4, lo=1, hi=64, doc="pages of the arena")
    T = parameter(2, lo=1, hi=16, doc="mutator threads")
    H = parameter(1, hi=64, doc="spans that a thread may hold")
    NMAX = parameter(3, lo=1, hi=64, doc="largest request, in pages")
    PHYS = parameter(2, lo=1, hi=64, doc="pages in a physical page, a power of two")

    def assumptions(self) -> Iterator[str]:
        """What rounding by masks needs."""
        if self.PHYS & (self.PHYS - 1):
            yield f"PHYS={self.PHYS} is no power of two; take 1, 2, 4, ..."


sys = Sys()

NONE, FREE, IN_USE, STACK = 0, 1, 2, 3
SWEPT, MARKED, UNMARKED, SWEEPING_MARKED, SWEEPING_UNMARKED = 0, 1, 2, 3, 4
OFF, MARK = 0, 1


class Heap:
    """An entry that has no meaning is 0, so that one heap is one state."""

    h: Annotated[list[int], Size("P"), Range(0, "P")]
    """1 + the start of the page's span, and 0 for pages inside a free span."""
    len: Annotated[list[int], Size("P"), Range(0, "P")]
    """At a start: the pages of the span."""
    kind: Annotated[list[int], Size("P"), Names("none", "free", "in use", "stack")]
    """At a start: what the span is; no other page has a kind."""
    rel: Annotated[list[int], Size("P"), Range(0, "P")]
    """At a free start: how many of its pages are released to the operating system."""
    own: Annotated[list[int], Size("P"), Range(0, "T")]
    """At an in-use or stack start: the thread that holds it, or 0 if nothing reaches it any more."""
    sw: Annotated[list[int], Size("P"), Names("swept", "marked", "unmarked", "sweeping marked", "sweeping unmarked")]
    """At an in-use start: what the sweeper has still to do with it."""
    phase: Annotated[int, Names("off", "mark")]
    released: Annotated[int, Range(0, "P")]
    """The statistic: pages released to the operating system."""


def initial(r: Heap) -> None:
    """One free span."""
    place_free(r, 0, sys.P, 0)


def place_free(r: Heap, p: int, n: int, released: int) -> None:
    """Enter a free span where no span is: its first and its last page find it."""
    r.kind[p] = FREE
    r.len[p] = n
    r.rel[p] = released
    r.h[p] = p + 1
    r.h[p + n - 1] = p + 1


def take_free(r: Heap, p: int) -> None:
    """Take a free span out of the tables."""
    r.h[p + r.len[p] - 1] = 0
    r.h[p] = 0
    r.kind[p] = NONE
    r.len[p] = 0
    r.rel[p] = 0


def whole(p: int, n: int) -> int:
    """How many of a span's pages lie in physical pages that it has to itself."""
    first = (p + sys.PHYS - 1) & -sys.PHYS
    end = (p + n) & -sys.PHYS
    return max(0, end - first)
