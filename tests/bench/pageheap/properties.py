"""What must hold in every state: the six invariants of the model's definition."""

from __future__ import annotations

from spec.language import check, given, invariant

from .state import FREE, MARK, NONE, STACK, SWEEPING_MARKED, SWEEPING_UNMARKED, SWEPT, UNMARKED, Heap, sys


@invariant("I1", "tiling and table")
def tiling(r: Heap) -> None:
    """The spans tile the arena, and the table finds each of them."""
    check("a span starts at page 0", r.kind[0] != NONE)
    for p in range(sys.P):
        if given(r.kind[p] != NONE):
            n = r.len[p]
            check("a span has pages and ends in the arena", 1 <= n <= sys.P - p, page=p, pages=n)
            if 1 <= n <= sys.P - p:
                check("the first page finds the span", r.h[p] == p + 1, page=p, entry=r.h[p])
                check("the last page finds the span", r.h[p + n - 1] == p + 1, page=p, entry=r.h[p + n - 1])
                if r.kind[p] != FREE:
                    for i in range(p + 1, p + n - 1):
                        check("every page finds the span", r.h[i] == p + 1, page=p, inner=i, entry=r.h[i])
                if p + n < sys.P:
                    check("the next span follows", r.kind[p + n] != NONE, page=p, end=p + n)


@invariant("I2", "coalesced")
def coalesced(r: Heap) -> None:
    """No free span follows a free span."""
    for p in range(sys.P):
        if given(r.kind[p] == FREE):
            end = p + r.len[p]
            if end < sys.P:
                check("the next span is not free", r.kind[end] != FREE, page=p, end=end)


@invariant("I3", "the statistic")
def statistic(r: Heap) -> None:
    """The released pages add up."""
    total = 0
    for p in range(sys.P):
        total += r.rel[p]
    check("released is the sum over the spans", r.released == total, released=r.released, sum=total)


@invariant("I4", "releasable")
def releasable(r: Heap) -> None:
    """No more is released than whole physical pages of free spans."""
    for p in range(sys.P):
        if given(r.rel[p] != 0):
            check("only free spans have released pages", r.kind[p] == FREE, page=p, released=r.rel[p])
            check("released pages are whole", r.rel[p] <= releasable_pages(p, r.len[p]), page=p, released=r.rel[p])


def releasable_pages(p: int, n: int) -> int:
    """The same as `whole`, counted and not rounded: a property that shares the arithmetic it checks sees no fault in it."""
    pages = 0
    physical = 0
    while physical + sys.PHYS <= p + n:
        if physical >= p:
            pages += sys.PHYS
        physical += sys.PHYS
    return pages


@invariant("I5", "sweep protocol")
def sweep_protocol(r: Heap) -> None:
    """Everything is swept while marking, and the sweeper holds one span at most."""
    sweeping = 0
    for p in range(sys.P):
        if given(r.sw[p] != SWEPT):
            check("swept while marking", r.phase != MARK, page=p)
            if r.sw[p] >= SWEEPING_MARKED:
                sweeping += 1
    check("one span is being swept", sweeping <= 1, sweeping=sweeping)


@invariant("I6", "reachable")
def reachable(r: Heap) -> None:
    """What is to be freed is out of reach, and a stack has its thread."""
    for p in range(sys.P):
        if r.sw[p] == UNMARKED or r.sw[p] == SWEEPING_UNMARKED:
            check("an unmarked span has no holder", r.own[p] == 0, page=p, holder=r.own[p])
        if r.kind[p] == STACK:
            check("a stack has a holder", r.own[p] != 0, page=p)
