"""FreeOSMemory: a collection with the world stopped, then a scavenge of everything."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.scavenger import forced_collector
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="forced",
    purpose="FreeOSMemory beside two mutators: all of the collection with the world stopped, then everything free is released",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(forced_collector)),
    parameters={
        "arena_pages": 3,
        "spans": 4,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 3,
        "held": 1,
        "large_pages": 2,
        "mutators": 2,
        "forced_cycles": 1,
    },
    decides=("P8", "P9", "P10", "P13", "P19", "P23", "P24"),
    closure="34,836 states, depth 55 (343,460 states at fine atomicity)",
)
