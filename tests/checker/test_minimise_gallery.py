"""Every known bug, found in a scope twice as large as need be, comes down to the counterexample that is known to be minimal.

The scopes have twice the pages, structs and mutators of the bug's own scenario, and twice the collections if it has any.
"""

from __future__ import annotations

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise import Result, minimise
from checker.search.breadth_first import Limits
from checker.search.native import NativeSearch

HEAP = load()
MINIMA: dict[str, tuple[str, int, tuple[str, ...], dict[str, int]]] = {
    "B01": ("old page released", 4, (), {"arena_pages": 4, "max_mheap_list": 2, "spans": 2, "mutators": 1, "held": 1}),
    "B02": (
        "not empty",
        4,
        (),
        {"arena_pages": 2, "max_mheap_list": 2, "heap_alloc_chunk": 2, "spans": 2, "mutators": 1, "held": 1, "large_pages": 1},
    ),
    "B03": (
        "aligned",
        4,
        (),
        {"arena_pages": 1, "max_mheap_list": 2, "heap_alloc_chunk": 2, "spans": 1, "mutators": 1, "held": 1},
    ),
    "B05": (
        "pages_in_use",
        2,
        ("scavenger",),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "mutators": 1,
            "held": 1,
            "free_os_memory": 0,
        },
    ),
    "B06": (
        "heap_idle",
        2,
        ("scavenger",),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "mutators": 1,
            "held": 1,
            "free_os_memory": 0,
        },
    ),
    "B08": (
        "no free neighbours",
        5,
        ("scavenger",),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "mutators": 1,
            "held": 1,
            "free_os_memory": 0,
        },
    ),
    "B10": (
        "free span is zero",
        14,
        ("scavenger",),
        {"arena_pages": 2, "max_mheap_list": 2, "heap_alloc_chunk": 2, "spans": 2, "mutators": 1, "free_os_memory": 0},
    ),
    "B10b": (
        "new span is zero",
        12,
        (),
        {"arena_pages": 4, "max_mheap_list": 2, "heap_alloc_chunk": 2, "spans": 3, "mutators": 1},
    ),
    "B11": (
        "pages really freed",
        25,
        (),
        {"arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2, "gc_cycles": 1, "mutators": 1, "held": 1},
    ),
    "B11b": (
        "pages really freed",
        26,
        (),
        {"arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2, "gc_cycles": 1, "mutators": 1, "held": 1, "large_pages": 1},
    ),
    "B12": (
        "inheap agrees with lookupMaybe",
        5,
        ("scavenger",),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "mutators": 1,
            "held": 1,
            "free_os_memory": 0,
        },
    ),
    "B15": (
        "copy mapped",
        11,
        ("bgsweep",),
        {"arena_pages": 3, "heap_alloc_chunk": 3, "spans": 3, "gc_cycles": 1, "mutators": 1, "pins": 0},
    ),
    "B17": (
        "span table mapped",
        5,
        ("reader",),
        {"arena_pages": 1, "spans": 1, "mutators": 1, "held": 1, "large_pages": 0, "readers": 0},
    ),
    "B19": (
        "not to free",
        13,
        (),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "gc_cycles": 1,
            "mutators": 1,
            "held": 1,
            "stack_pages": 1,
            "pool_stacks": 0,
        },
    ),
    "B19b": (
        "not to free",
        14,
        (),
        {
            "arena_pages": 2,
            "max_mheap_list": 2,
            "heap_alloc_chunk": 2,
            "spans": 2,
            "gc_cycles": 1,
            "mutators": 1,
            "held": 1,
            "stack_pages": 0,
            "pool_stacks": 1,
        },
    ),
    "B22": (
        "bits are the sweeper's",
        20,
        ("bgsweep",),
        {"arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2, "gc_cycles": 1, "mutators": 1},
    ),
    "B26": (
        "nothing to sweep",
        38,
        ("mutator",),
        {"arena_pages": 1, "heap_alloc_chunk": 2, "spans": 1, "gc_cycles": 2, "mutators": 0, "large_pages": 0, "pins": 0},
    ),
    "B29": (
        "only to the heap's",
        13,
        ("bgsweep", "collector"),
        {"arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2, "gc_cycles": 0, "pins": 0},
    ),
    "B14": (
        "unswept if it was there when the cycle began",
        36,
        ("collector", "bgsweep"),
        {"arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2, "gc_cycles": 0, "pins": 0},
    ),
}
"""Clause, steps, threads left out, and the parameters that became smaller."""

QUICK = ("B02",)


def large(variant: str) -> Machine:
    """The bug in a scope that is twice as large."""
    v = HEAP.variants[variant]
    scenario = HEAP.scenarios[v.scenario]
    spec = load(None, v.edits)
    now = {**{k: p.default for k, p in spec.parameters.declared().items()}, **scenario.parameters, **v.parameters}
    twice = {k: 2 * now[k] for k in ("arena_pages", "spans", "mutators", "gc_cycles") if now[k]}
    return Machine(spec, spec.scenarios[v.scenario], {**v.parameters, **twice}, atomicity=v.atomicity)


def minimised(variant: str) -> tuple[Machine, Result]:
    machine = large(variant)
    outcome = NativeSearch(machine, Limits()).run()
    found = next(v for v in outcome.violations if v.property == HEAP.variants[variant].property)
    return machine, minimise(machine, found, steps=10**8, shortest=True)


def test_every_variant_has_its_minimum() -> None:
    assert set(MINIMA) == set(HEAP.variants)


@pytest.mark.parametrize("variant", [v if v in QUICK else pytest.param(v, marks=pytest.mark.slow) for v in MINIMA])
def test_the_known_minimum_is_reached(variant: str) -> None:
    clause, steps, without, smaller = MINIMA[variant]
    machine, r = minimised(variant)
    assert (r.violation.clause, len(r.violation.schedule), r.machine.without) == (clause, steps, without)
    assert {k: v for k, v in r.machine.parameters.items() if v != machine.parameters[k]} == smaller
    assert (r.minimal, r.shortest, r.stopped) == (True, True, "")


@pytest.mark.slow
def test_it_is_the_same_twice() -> None:
    first, second = (minimised("B08")[1] for _ in range(2))
    assert first.violation == second.violation
    assert (first.machine.parameters, first.machine.without) == (second.machine.parameters, second.machine.without)
    assert (first.tries, first.search_steps) == (second.tries, second.search_steps)
