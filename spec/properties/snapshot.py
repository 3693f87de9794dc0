"""P23: the collector's copy of the array of all spans."""

from __future__ import annotations

from spec.language import check, end_of, given, invariant

from ..heap import Heap
from ..parameters import sys
from ..types import ABSENT, IN_USE


@invariant("P23", "snapshot mapped")
def mapped(h: Heap) -> None:
    """Keep the memory mapped that the marker and the sweeper read, and that of the present array."""
    work = h.work.spans
    if work is not None:
        if given(True):
            check("copy mapped", work.mapped, capacity=work.capacity)
    present = h.allspans
    if present is not None:
        check("present array mapped", present.mapped, capacity=present.capacity)


@end_of("gc_copy_spans", "P23", "snapshot complete")
def covers(h: Heap) -> None:
    """Have every span in use in the copy."""
    for i in range(h.nspan):
        s = h.mspans[i]
        if given(s.state == IN_USE):
            check("span in the copy", i < h.work.nspan and (sys.unordered_sweep == 0 or s.visit != ABSENT), span=s)
