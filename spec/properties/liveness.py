"""P19: the liveness forms. Every cycle's sweep ends, and a sweeper that parked before a cycle is woken for it."""

from __future__ import annotations

from spec.language import leads_to

from ..heap import Heap
from ..parameters import sys
from ..types import IN_USE
from .extent import is_known


def cycle_begun(h: Heap) -> bool:
    """A cycle has begun; before the first one nothing is to be swept, whatever sweepdone says."""
    return h.sweepgen != sys.sweepgen_start


@leads_to("P19", "every cycle's sweep ends", after=cycle_begun, fair=("mutator", "collector", "bgsweep"))
def sweep_ended(h: Heap) -> bool:
    """Come to a state in which every span has been swept and sweepdone says so, or to that of a later cycle.

    All must go on: a mutator that stops in the middle of a sweep, or with the heap's lock, stops it for everybody. But none
    of them need ever ask for memory again.
    """
    if h.sweepdone == 0:
        return False
    for i in range(h.nspan):
        s = h.mspans[i]
        if s.state == IN_USE and is_known(h, s) and s.sweepgen != h.sweepgen:
            return False
    return True


def parked_too_early(h: Heap) -> bool:
    """The background sweeper is parked, and there is a sweep to be done."""
    return h.sweep.parked and h.sweepdone == 0 and cycle_begun(h)


@leads_to("P19", "a parked sweeper is woken", after=parked_too_early, fair=("collector",))
def woken(h: Heap) -> bool:
    """Wake the sweeper, unless others have done its work meanwhile; the collector alone can see to it."""
    return not h.sweep.parked or h.sweepdone != 0
