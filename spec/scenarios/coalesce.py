"""Sequential alloc and free of every kind of span."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="coalesce",
    purpose="one mutator allocates and frees large, small and stack spans: split, coalescing, books",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True),),
    parameters={"arena_pages": 4, "spans": 5, "held": 2, "large_pages": 2, "small_pages": 1, "stack_pages": 1},
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P12", "P16", "P24"),
    closure="81,925 states, depth 110 (459,245 states at fine atomicity)",
)
