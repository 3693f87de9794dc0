"""The scavenger releases memory that was freed after it read the clock."""

from __future__ import annotations

from spec.language import Finding

from ..heap import Heap
from ..types import Time


def explains(h: Heap, now: Time, stamp: Time) -> bool:
    """The youngest page released belongs to a span that was stamped unused after ``now`` was read."""
    return stamp > now


FINDING = Finding(
    id="F1",
    title="a span freed after the scavenger read the clock counts as infinitely old",
    property="P11",
    clause="idle for longer than the limit",
    explains=explains,
    scenario="scavenge",
    depth=5,
    reason=(
        "sysmon reads the clock before scavenge takes the lock; now - unusedsince then wraps below zero, and is greater than "
        "any limit. The memory is free, so nothing is lost but the cost of faulting it in again if it is soon reused."
    ),
)
