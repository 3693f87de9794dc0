"""Before the first collection the background sweeper is parked although nobody has said that the sweep is done."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..parameters import sys


def explains(h: Heap) -> bool:
    """No cycle has begun: there is nothing to sweep, and no allocation has looked yet."""
    return h.sweepgen == sys.sweepgen_start


FINDING = Finding(
    id="F8",
    title="the sweeper is parked in a fresh heap whose sweepdone is still 0",
    property="P19",
    clause="nothing to sweep",
    explains=explains,
    scenario="sweep",
    parameters={"sweepdone_start": 0},
    depth=0,
    reason="a zeroed heap reads as one whose sweep is not done; the first alloc_m finds nothing to sweep, and says so.",
)
