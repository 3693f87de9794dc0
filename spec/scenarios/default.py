"""Two mutators, the scavenger and the clock."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.clock import clock
from ..environment.mutator import mutator
from ..environment.scavenger import scavenger
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="default",
    purpose="two mutators with large objects and stacks, the scavenger and the clock: every interleaving of their operations",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators"), Thread(scavenger), Thread(clock)),
    parameters={
        "arena_pages": 6,
        "spans": 7,
        "max_mheap_list": 3,
        "heap_alloc_chunk": 4,
        "mutators": 2,
        "held": 1,
        "large_pages": 2,
        "stack_pages": 1,
        "max_time": 2,
        "free_os_memory": 1,
    },
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P16", "P17", "P24", "P25"),
    closure="not reached in 400,000 states",
)
