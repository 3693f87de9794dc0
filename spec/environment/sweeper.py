"""The background sweeper: sweeps span after span and parks when all are swept (mgcsweep.go:bgsweep)."""

from __future__ import annotations

from spec.language import acquire, release, wait

from ..heap import Heap
from ..parameters import sys
from ..types import Uintptr
from .sweep import sweepone


def bgsweep(h: Heap) -> None:
    """The thread that sweeps in the background. It can be stopped between two spans, and before it takes the lock.

    Go: mgcsweep.go:bgsweep
    """
    wait(lambda: not h.sweep.parked, rest=True)
    while True:
        swept: Uintptr = 0
        while swept != sys.word_max:
            swept = gosweepone(h)
        enter(h)
        acquire(h.sweep_lock)
        if h.sweepdone == 0:
            release(h.sweep_lock)
            h.sweep.inside = False
            continue
        h.sweep.parked = True
        h.sweep.inside = False
        release(h.sweep_lock)
        wait(lambda: not h.sweep.parked, rest=True)


def gosweepone(h: Heap) -> Uintptr:
    """Sweep one span on the system stack.

    Go: mgcsweep.go:gosweepone
    """
    enter(h)
    swept = sweepone(h)
    h.sweep.inside = False
    return swept


def enter(h: Heap) -> None:
    """Go on unless the world is stopped, and cannot be stopped from then on."""
    wait(lambda: not h.world.stopped)
    h.sweep.inside = True


def ready(h: Heap) -> None:
    """Wake the background sweeper if it is parked.

    Go: mgc.go:gcSweep
    """
    acquire(h.sweep_lock)
    if h.sweep.parked:
        h.sweep.parked = False
    release(h.sweep_lock)
