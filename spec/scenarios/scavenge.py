"""The scavenger beside a mutator, while time passes."""

from __future__ import annotations

from spec.language import Scenario, Thread

from ..environment.clock import clock
from ..environment.mutator import mutator
from ..environment.scavenger import scavenger
from ..environment.start import initial
from ..heap import Heap

SCENARIO = Scenario(
    name="scavenge",
    purpose="one mutator, the scavenger and the clock; --set phys_page_size=2, 4 or 8 for physical pages of several heap pages",
    root=Heap,
    initial=initial,
    threads=(Thread(mutator, each="mutators", interchangeable=True), Thread(scavenger), Thread(clock)),
    parameters={"arena_pages": 8, "spans": 5, "heap_alloc_chunk": 8, "held": 2, "large_pages": 1, "max_time": 2},
    decides=("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P16", "P24", "R1", "R2"),
    closure="5,825 states, depth 63 (133,360 states at fine atomicity)",
)
