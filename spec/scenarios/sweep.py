"""The collector and the background sweeper beside a mutator."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.start import initial
from ..environment.sweeper import bgsweep
from ..heap import Heap

SCENARIO = Scenario(
    name="sweep",
    purpose="a mutator drops large objects; the collector marks, the background sweeper sweeps and parks; ensureSwept",
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
        "pins": 1,
    },
    decides=("P13", "P14", "P15", "P18", "P19", "P23", "P24", "P26"),
    closure="88,203 states, depth 69 (1,253,645 states at fine atomicity)",
    liveness=("P19",),
)
