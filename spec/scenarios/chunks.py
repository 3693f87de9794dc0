"""Growth by whole chunks."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="chunks",
    purpose="one mutator makes the arena grow by two whole chunks: new memory merges with old, free and dirty",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True),),
    parameters={"arena_pages": 6, "spans": 6, "max_mheap_list": 3, "heap_alloc_chunk": 3, "held": 2, "large_pages": 2},
    decides=("P1", "P2", "P3", "P4", "P5", "P7", "P12", "P17", "P24", "P25", "R4"),
    closure="25,853 states, depth 92 (178,180 states at fine atomicity)",
)
