"""What a random walk of a hundred steps and more finds in a large scope comes down to what a search would have found."""

from __future__ import annotations

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise import minimise
from checker.search.breadth_first import Limits
from checker.search.native import NativeSearch
from checker.search.simulate import Walks, simulate

HEAP = load()
TWO_PLUS = {"arena_pages": 6, "spans": 8, "mutators": 3, "held": 2}
SCOPES = {
    "B19": ("stacks", {"arena_pages": 8, "spans": 8, "mutators": 2, "gc_cycles": 2}),
    "B12": ("default", {**TWO_PLUS, "gc_cycles": 2}),
    "B08": ("default", {**TWO_PLUS, "heap_alloc_chunk": 6}),
}


@pytest.mark.slow
@pytest.mark.parametrize("variant", SCOPES)
def test_a_long_random_run_comes_down_to_what_a_search_finds(variant: str) -> None:
    scenario, settings = SCOPES[variant]
    spec = load(None, HEAP.variants[variant].edits)
    machine = Machine(spec, spec.scenarios[scenario], settings)
    walked = (simulate(machine, Walks(seed, depth=2_000, steps=100_000), engine="native") for seed in range(60))
    long = next(o.violations[0] for o in walked if o.violations and len(o.violations[0].schedule) >= 100)
    assert long.property == HEAP.variants[variant].property
    small = minimise(machine, long, steps=10**8)
    searched = NativeSearch(machine, Limits()).run()
    shortest = min(len(v.schedule) for v in searched.violations if v.property == long.property)
    assert len(small.violation.schedule) <= shortest + 2
    assert (small.minimal, small.shortest) == (True, True)
