"""Two collections."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.start import initial
from ..environment.sweeper import bgsweep
from ..heap import Heap

SCENARIO = Scenario(
    name="cycles",
    purpose="two collections: a sweeper that meets the next one, spans left over, structs that live through both",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(collector), Thread(bgsweep)),
    parameters={
        "arena_pages": 2,
        "spans": 2,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 2,
        "held": 1,
        "large_pages": 1,
        "gc_cycles": 2,
    },
    decides=("P13", "P14", "P15", "P18", "P19", "P23", "P24", "P26"),
    closure="156,973 states, depth 95 (1,328,648 states at fine atomicity)",
    liveness=("P19",),
)
