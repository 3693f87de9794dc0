"""Stacks during a collection."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.collector import collector
from ..environment.mutator import mutator
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="stacks",
    purpose="stacks with a span of their own and stacks from a pool, freed before, during and after a collection",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(collector)),
    parameters={
        "arena_pages": 4,
        "spans": 4,
        "max_mheap_list": 3,
        "heap_alloc_chunk": 4,
        "held": 2,
        "large_pages": 0,
        "stack_pages": 2,
        "pool_stacks": 2,
        "gc_cycles": 1,
    },
    decides=("P5", "P6", "P15", "P16", "P24", "P26"),
    closure="65,473 states, depth 90 (255,282 states at fine atomicity)",
)
