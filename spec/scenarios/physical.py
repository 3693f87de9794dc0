"""Physical pages of several heap pages."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.clock import clock
from ..environment.mutator import mutator
from ..environment.scavenger import scavenger
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="physical",
    purpose="the scavenger beside a mutator where a physical page has two heap pages: rounding, pages that cannot be released",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(scavenger), Thread(clock)),
    parameters={
        "arena_pages": 4,
        "spans": 5,
        "heap_alloc_chunk": 4,
        "held": 2,
        "large_pages": 1,
        "max_time": 2,
        "phys_page_size": 2,
    },
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P16", "P24", "R1"),
    closure="2,861 states, depth 39 (38,095 states at fine atomicity)",
)
