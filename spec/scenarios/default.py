"""Everything at once: two mutators, the collector, the background sweeper, the scavenger and the clock."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.clock import clock
from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.scavenger import scavenger
from ..environment.start import initial
from ..environment.sweeper import bgsweep
from ..heap import Heap

SCENARIO = Scenario(
    name="default",
    purpose="alloc, free, sweep and scavenge against each other: two mutators and all the runtime's threads",
    root=Heap,
    initial=initial,
    threads=(
        Thread(mutator, each="mutators", interchangeable=True),
        Thread(collector),
        Thread(bgsweep),
        Thread(scavenger),
        Thread(clock),
    ),
    parameters={
        "arena_pages": 2,
        "spans": 3,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 2,
        "mutators": 2,
        "held": 1,
        "large_pages": 1,
        "gc_cycles": 1,
        "free_os_memory": 1,
    },
    decides=(
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
        "P6",
        "P7",
        "P8",
        "P9",
        "P10",
        "P12",
        "P13",
        "P14",
        "P15",
        "P16",
        "P17",
        "P18",
        "P19",
        "P23",
        "P24",
        "P25",
        "P26",
    ),
    closure="575,487 states, depth 61 (21,796,700 states at fine atomicity)",
)
