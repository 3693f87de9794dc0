"""Collections with nobody who allocates."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.start import initial
from ..environment.sweeper import bgsweep
from ..heap import Heap

SCENARIO = Scenario(
    name="parking",
    purpose="two collections of an empty heap: only the background sweeper can end a sweep, when it parks and is woken",
    root=Heap,
    initial=initial,
    threads=(Thread(collector), Thread(bgsweep)),
    parameters={
        "arena_pages": 2,
        "spans": 2,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 2,
        "held": 1,
        "large_pages": 1,
        "gc_cycles": 2,
    },
    decides=("P19", "P26"),
    closure="144 states, depth 41 (214 states at fine atomicity)",
    liveness=("P19",),
)
