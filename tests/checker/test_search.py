"""The search: pinned counts, shortest counterexamples, findings, limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.outcome import Outcome
from checker.search.replay import replay


def search(
    scenario: str, depth: int | None = None, *, atomicity: str = "lock", variant: str = "", only: str = "", **settings: int
) -> tuple[Machine, Outcome]:
    """Search; with ``only`` a property alone, and no finding explains its violations."""
    spec = load()
    if variant:
        spec = load(edits=spec.variants[variant].edits)
    properties = [p for p in spec.properties if p.id == only] if only else None
    machine = Machine(spec, spec.scenarios[scenario], settings, atomicity=atomicity, properties=properties, explained=not only)
    return machine, BreadthFirst(machine, Limits(depth=depth)).run()


@pytest.mark.parametrize(
    ("scenario", "depth", "atomicity", "settings", "states", "transitions"),
    [
        ("quick", None, "lock", {}, 858, 2119),
        ("quick", None, "fine", {}, 8511, 16947),
        ("physical", None, "lock", {}, 2861, 6349),
        ("scavenge", None, "lock", {}, 5825, 12849),
        ("lookup", None, "lock", {}, 629, 10831),
        ("forced", None, "lock", {"mutators": 1}, 6434, 11848),
        ("growth", 20, "lock", {}, 3380, 4163),
        ("coalesce", 20, "lock", {}, 2773, 3233),
        ("reclaim", 24, "lock", {}, 5458, 10334),
        ("stacks", 24, "fine", {}, 233, 351),
        ("sweep", 24, "lock", {}, 890, 1630),
        ("order", 24, "lock", {}, 796, 1354),
        ("cycles", 40, "fine", {}, 1128, 2568),
        ("default", 9, "lock", {}, 311, 902),
    ],
)
def test_state_counts(
    scenario: str, depth: int | None, atomicity: str, settings: dict[str, int], states: int, transitions: int
) -> None:
    _, outcome = search(scenario, depth, atomicity=atomicity, **settings)
    assert (outcome.verdict, outcome.states, outcome.transitions) == ("ok", states, transitions)
    assert outcome.exhaustive == (depth is None)
    assert sum(outcome.levels) == states


SPEC = load()


@pytest.mark.parametrize("name", SPEC.variants)
def test_each_variant_breaks_the_property_named_for_it_and_nothing_shorter_does(name: str) -> None:
    variant = SPEC.variants[name]
    machine, outcome = search(variant.scenario, variant=name, atomicity=variant.atomicity, **variant.parameters)
    found = [v for v in outcome.violations if v.property == variant.property]
    assert found, [v.property for v in outcome.violations]
    assert len(found[0].schedule) == outcome.depth
    shorter = outcome.depth - 1
    _, before = search(variant.scenario, shorter, variant=name, atomicity=variant.atomicity, **variant.parameters)
    assert before.verdict == "ok"
    assert len(replay(machine, found[0].schedule).steps) == outcome.depth


def test_a_negative_range_needs_a_physical_page_of_four_heap_pages() -> None:
    """B02: with two heap pages in a physical page every free span touches a boundary of one."""
    for size, verdict in ((2, "ok"), (4, "violation"), (8, "violation")):
        pages = {"arena_pages": 8, "heap_alloc_chunk": 8, "spans": 7} if size == 8 else {}
        _, outcome = search("quick", 16, variant="B02", phys_page_size=size, large_pages=2, **pages)
        assert outcome.verdict == verdict, size


@pytest.mark.parametrize("name", SPEC.findings)
def test_each_known_finding_still_reproduces_at_its_depth(name: str) -> None:
    """All other findings explain what they can; this one must show at its depth, and its predicate must explain it."""
    spec = load()
    finding = spec.findings[name]
    others = replace(spec, findings={k: f for k, f in spec.findings.items() if k != name})
    scenario, properties = spec.scenarios[finding.scenario], [p for p in spec.properties if p.id == finding.property]
    limits = Limits(depth=finding.depth)
    machine = Machine(others, scenario, finding.parameters, atomicity=finding.atomicity, properties=properties)
    found = {(v.property, v.clause): len(v.schedule) for v in BreadthFirst(machine, limits).run().violations}
    assert found == {(finding.property, finding.clause): finding.depth}
    machine, outcome = search(finding.scenario, finding.depth, atomicity=finding.atomicity, **finding.parameters)
    assert outcome.verdict == "ok"
    assert machine.explained[list(SPEC.findings).index(name)] > 0


def test_the_same_search_gives_the_same_counterexample() -> None:
    first, second = (search("quick", variant="B08")[1].violations for _ in range(2))
    assert first == second


def test_a_limit_makes_the_search_incomplete() -> None:
    spec = load()
    machine = Machine(spec, spec.scenarios["default"], {})
    outcome = BreadthFirst(machine, Limits(states=500)).run()
    assert (outcome.verdict, outcome.exhaustive, outcome.exit) == ("incomplete", False, 20)


def test_an_interrupt_keeps_what_was_counted() -> None:
    spec = load()
    machine = Machine(spec, spec.scenarios["default"], {})

    def interrupt(_: object) -> None:
        if search_.outcome.states > 300:
            raise KeyboardInterrupt

    search_ = BreadthFirst(machine, Limits(), report=interrupt)
    outcome = search_.run()
    assert (outcome.verdict, outcome.exit) == ("incomplete", 130)
    assert outcome.states > 300
