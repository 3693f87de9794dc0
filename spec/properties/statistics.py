"""P7: the statistics are the sums over the spans; one that wrapped below zero is no such sum."""

from __future__ import annotations

from spec.language import check, given, invariant

from ..heap import Heap
from ..parameters import sys
from ..types import FREE, IN_USE, STACK
from .extent import size_of


@invariant("P7", "statistics", when="lock")
def statistics(h: Heap) -> None:
    """Let every statistic equal the sum that it stands for."""
    idle = 0
    released = 0
    objects = 0
    pages_in_use = 0
    stacks = 0
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE:
            idle += size_of(s)
            released += s.npreleased << sys.page_shift
        elif s.state == IN_USE:
            objects += size_of(s)
            pages_in_use += s.npages
        elif s.state == STACK:
            stacks += size_of(s)
    m = h.memstats
    if given(h.nspan > 0):
        check("heap_idle", m.heap_idle == idle, heap_idle=m.heap_idle, sum=idle)
        check("heap_inuse", m.heap_inuse == objects + stacks, heap_inuse=m.heap_inuse, sum=objects + stacks)
        both = m.heap_idle + m.heap_inuse
        check("heap_sys", both == m.heap_sys, heap_sys=m.heap_sys, sum=both)
        check("stacks_inuse", m.stacks_inuse == stacks, stacks_inuse=m.stacks_inuse, sum=stacks)
        check("pages_in_use", h.pages_in_use == pages_in_use, pages_in_use=h.pages_in_use, sum=pages_in_use)
        check("heap_released", m.heap_released == released, heap_released=m.heap_released, sum=released)
