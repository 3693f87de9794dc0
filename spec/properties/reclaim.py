"""P18: reclaiming returns what was really freed, and stops when there is enough or nothing is left to sweep."""

from __future__ import annotations

from spec.language import check, end_of, given, thread, u32

from ..heap import Heap
from ..types import IN_USE, Uintptr


@end_of("reclaim_list", "P18", "pages of a list")
def listed(h: Heap, npages: Uintptr, result: Uintptr) -> None:
    """Return the pages that went back to the heap, and sweep no more than it takes."""
    mine = h.accounts[thread() - 1]
    if given(result > 0 or mine.listed > 0):
        check("pages really freed", result == mine.listed, returned=result, freed=mine.listed)
        check("no more than needed", mine.listed - mine.last < npages, freed=mine.listed, last=mine.last, npages=npages)


@end_of("reclaim", "P18", "enough or nothing left")
def enough(h: Heap, npage: Uintptr) -> None:
    """Stop when enough pages are back in the heap, or no span is left that somebody could sweep."""
    freed = h.accounts[thread() - 1].reclaimed
    if given(freed < npage):
        for i in range(h.nspan):
            s = h.mspans[i]
            unswept = s.state == IN_USE and s.sweepgen == u32(h.sweepgen - 2)
            check("nothing left to sweep", not unswept, span=s, freed=freed, npage=npage)
