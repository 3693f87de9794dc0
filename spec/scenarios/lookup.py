"""Readers without the lock."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.mutator import mutator
from ..environment.reader import reader
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="lookup",
    purpose="a reader looks up any address while a mutator allocates and frees objects and stacks and the heap grows",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(reader, each="readers", interchangeable=True)),
    parameters={
        "arena_pages": 4,
        "spans": 5,
        "max_mheap_list": 2,
        "heap_alloc_chunk": 2,
        "held": 2,
        "large_pages": 1,
        "stack_pages": 1,
        "readers": 1,
    },
    decides=("P16", "P17"),
    closure="629 states, depth 45 (207,782 states at fine atomicity)",
)
