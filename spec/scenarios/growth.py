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
    threads=(Thread(mutator, each="mutators", interchangeable=True),),
    parameters={
        "arena_pages": 4,
        "phys_page_size": 2,
        "spans": 6,
        "max_mheap_list": 3,
        "heap_alloc_chunk": 3,
        "held": 3,
        "large_pages": 2,
        "small_pages": 1,
    },
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P16", "P17", "P24", "P25", "R3"),
    closure="40,015 states, depth 68 (265,446 states at fine atomicity)",
)
