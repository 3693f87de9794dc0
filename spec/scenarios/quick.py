"""The smallest world in which everything happens once."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.scavenger import scavenger
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="quick",
    purpose="one mutator beside FreeOSMemory: split, both coalescings, growth, release and reuse of released memory",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(scavenger)),
    parameters={
        "arena_pages": 4,
        "spans": 5,
        "held": 2,
        "large_pages": 1,
        "max_time": 1,
        "free_os_memory": 1,
    },
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P12", "P16", "P17", "P24", "P25", "R1", "R2"),
    closure="858 states, depth 37 (8,511 states at fine atomicity)",
)
