"""Allocation while a sweep is under way."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="reclaim",
    purpose="allocation sweeps large objects that died, and stops when it has enough; no background sweeper",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(collector)),
    parameters={
        "arena_pages": 3,
        "spans": 4,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 3,
        "held": 2,
        "large_pages": 2,
        "gc_cycles": 1,
    },
    decides=("P13", "P14", "P15", "P18", "P19", "P23", "P24", "P26"),
    closure="39,129 states, depth 64 (152,107 states at fine atomicity)",
)
