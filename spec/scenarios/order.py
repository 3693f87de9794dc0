"""The real order of sweeping, and an array of all spans that grows."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.start import initial
from ..environment.sweeper import bgsweep
from ..heap import Heap

SCENARIO = Scenario(
    name="order",
    purpose="sweepone visits the spans in the order of their structs, while the array of all spans grows under the collector",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(collector), Thread(bgsweep)),
    parameters={
        "arena_pages": 3,
        "spans": 3,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 3,
        "held": 1,
        "large_pages": 1,
        "gc_cycles": 1,
        "sweep_order": 1,
        "allspans_chunk": 2,
    },
    decides=("P13", "P14", "P15", "P18", "P19", "P23", "P24", "P26"),
    closure="52,959 states, depth 71 (523,961 states at fine atomicity)",
    liveness=("P19",),
)
