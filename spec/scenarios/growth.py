"""An arena that is used up."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="growth",
    purpose="one mutator uses the arena up: growth by chunks and by the smaller request, coalescing with old memory, no memory",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators"),),
    parameters={
        "arena_pages": 7,
        "spans": 7,
        "max_mheap_list": 3,
        "heap_alloc_chunk": 4,
        "held": 3,
        "large_pages": 3,
    },
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P16", "P17", "P24", "P25"),
    closure="not reached in 400,000 states",
)
