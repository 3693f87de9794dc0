"""The clock: it starts at 1, because 0 means 'unset', and ticks between any two steps up to a bound."""

from __future__ import annotations

from spec.language import wait

from ..heap import Heap
from ..parameters import sys
from ..types import Time


def nanotime(h: Heap) -> Time:
    """The present time.

    Go: runtime.nanotime
    """
    return h.clock


def clock(h: Heap) -> None:
    """The thread that lets time pass."""
    while True:
        wait(lambda: h.clock < sys.max_time, rest=True)
        h.clock += 1
