"""Growth by the smaller request succeeds and the allocation fails all the same."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..parameters import sys
from ..types import FREE, Uintptr


def explains(h: Heap, npage: Uintptr) -> bool:
    """A free span is long enough, in a list of fixed length, where nobody looks after growth."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == FREE and npage <= s.npages < sys.max_mheap_list:
            return True
    return False


FINDING = Finding(
    id="F3",
    title="allocation fails although the operating system gave the memory",
    property="P25",
    clause="refused by the operating system",
    explains=explains,
    scenario="growth",
    depth=8,
    reason=(
        "when a whole chunk is refused, grow asks for the request alone; below 128 pages the new span lands in free[n], but "
        "allocSpanLocked looks only in freelarge after growth. The client dies of 'out of memory' one allocation too early, "
        "with the memory that it asked for on a free list; it takes an arena all but used up."
    ),
)
