"""The sweep protocol: its claims hold of the spec, and fail of specs that break the protocol."""

from __future__ import annotations

import pytest

import proofs
from checker.frontend import tree as t
from checker.frontend.walk import statements
from proofs.heaps import typed, variant
from proofs.kernel import Claim, decide
from proofs.protocol import tasks
from proofs.protocol.claims import several
from proofs.protocol.now import protocol_program
from proofs.protocol.task import Task
from spec.language import Edit

SWEEPONE, SWEEP = "environment.sweep.sweepone", "environment.sweep.sweep"
CLAIMING = 's.sweepgen != u32(sg - 2) or not cas(s, "sweepgen", u32(sg - 2), u32(sg - 1))'

BROKEN = {
    "B14": (tasks.ALLOC_M, variant("B14")),
    "B22": (tasks.SWEEP, variant("B22")),
    "B29": (tasks.GROW, variant("B29")),
    "a claim without looking whether another thread was first": (
        tasks.SWEEPONE,
        (Edit(SWEEPONE, CLAIMING, "s.sweepgen != u32(sg - 2)"),),
    ),
    "a plain store instead of the compare-and-swap": (
        tasks.SWEEPONE,
        (
            Edit(SWEEPONE, CLAIMING, "s.sweepgen != u32(sg - 2)"),
            Edit(SWEEPONE, "        npages: Uintptr", "        s.sweepgen = u32(sg - 1)\n        npages: Uintptr"),
        ),
    ),
    "a claim of what is out of use": (
        tasks.SWEEPONE,
        (Edit(SWEEPONE, "if s.state != IN_USE:", "if s.state > IN_USE + 1:"),),
    ),
    "a hand-over before the bits are written": (
        tasks.SWEEP,
        (
            Edit(SWEEP, "    s.sweepgen = sg\n    sweep_ends(s)\n", ""),
            Edit(SWEEP, "    writes_bits(h, s)\n", "    s.sweepgen = sg\n    sweep_ends(s)\n"),
        ),
    ),
    "a sweep that is never handed over": (tasks.SWEEP, (Edit(SWEEP, "    s.sweepgen = sg\n", ""),)),
    "a cycle that adds one": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_sweep", "h.sweepgen += 2", "h.sweepgen += 1"),),
    ),
    "a cycle that begins before the last one's sweep has ended": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_start", "    finish_sweep(h)\n", ""),),
    ),
    "a world that is not stopped": (
        tasks.COLLECT,
        (Edit("environment.world.stop_the_world", "    wait(lambda: nobody_inside(h))\n", ""),),
    ),
    "a list that is not begun again": (
        tasks.COLLECT,
        (Edit("environment.collector.gc_sweep", "    h.work.spanidx = 0\n", ""),),
    ),
    "a span that is freed twice": (
        tasks.SWEEP,
        (Edit(SWEEP, "        free_span(h, s, True)\n", "        free_span(h, s, True)\n        free_span(h, s, True)\n"),),
    ),
}
"""Edits that break the protocol, each with a function of which some condition must fail."""

STORED = {
    *(("Span", field) for field in ("sweepgen", "state", "due", "sweeper")),
    ("Heap", "sweepgen"),
    ("Work", "spanidx"),
}
"""What only functions that are executed may store to."""


def verdict(task: Task, edits: tuple[Edit, ...] = ()) -> str:
    claim = Claim("c", "A statement.", "mgcsweep.go:x", task.function, lambda: several(task, edits=edits))
    return decide(claim)[0].verdict


@pytest.mark.slow
@pytest.mark.parametrize("name", [c for c in proofs.identifiers() if c.startswith("sweep_")])
def test_each_claim_about_the_sweep_is_proved(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_protocol_is_not_proved(name: str) -> None:
    task, edits = BROKEN[name]
    assert verdict(task, edits) == "not proved"


@pytest.mark.parametrize("task", [tasks.FREE_SPAN, tasks.ALLOC, tasks.MUTATOR], ids=lambda task: task.function)
def test_a_function_that_keeps_the_protocol_is_proved(task: Task) -> None:
    assert verdict(task) == "proved"


def test_all_that_stores_what_the_protocol_is_about_is_executed() -> None:
    made = protocol_program()
    for task in tasks.CONTRACTS:
        typed(made, task)
    for name in ("environment.sweeper.bgsweep", "environment.collector.collector", "environment.scavenger.scavenger"):
        typed(made, name)
    storing = {
        f.name
        for f in made.functions.values()
        if any(isinstance(s, t.Store) and (s.record, s.field) in STORED for s in statements(f.body))
    }
    executed = {*tasks.CONTRACTS, "span.init", "environment.collector.gc_sweep"}
    observer = {f.name for f in made.functions.values() if f.ghost}
    assert storing - executed - observer == set()
    assert storing & executed >= {"span.init", "alloc.alloc_m", "environment.sweep.sweep", "environment.collector.gc_sweep"}
