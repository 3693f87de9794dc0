"""The real order of sweeping without any reduction, against any order with all of them, on scopes small enough for both."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.reduce.quotient import quotient
from checker.search.breadth_first import BreadthFirst, Limits

pytestmark = pytest.mark.slow

SPEC = load()
ANY, INDEX = 0, 1
SCOPES: list[tuple[str, Mapping[str, int]]] = [
    ("quick", {}),
    ("physical", {}),
    ("growth", {"held": 2}),
    ("stacks", {"held": 1, "arena_pages": 3, "heap_alloc_chunk": 3}),
    ("reclaim", {"held": 1}),
    ("lookup", {}),
    ("forced", {"arena_pages": 2, "heap_alloc_chunk": 2}),
    ("sweep", {"pins": 0, "arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2}),
]


def violated(machine: Machine, states: int = 150_000) -> set[tuple[str, str]]:
    """Every property and clause that fails somewhere in the whole scope."""
    outcome = BreadthFirst(machine, Limits(states=states), go_on=True).run()
    assert outcome.exhaustive
    return {(v.property, v.clause) for v in outcome.violations}


@pytest.mark.parametrize(("scenario", "settings"), SCOPES, ids=[s for s, _ in SCOPES])
def test_any_order_and_reductions_see_what_the_real_order_sees(scenario: str, settings: Mapping[str, int]) -> None:
    here = SPEC.scenarios[scenario]
    reduced = Machine(SPEC, here, {**settings, "sweep_order": ANY}, explained=False)
    found = violated(reduced)
    real = Machine(SPEC, here, {**settings, "sweep_order": INDEX}, reductions=(), explained=False)
    assert found == violated(real)
    known = {(f.property, f.clause) for f in SPEC.findings.values()}
    assert found <= known


@pytest.mark.parametrize(("scenario", "settings"), SCOPES, ids=[s for s, _ in SCOPES])
def test_the_reduced_search_is_the_quotient_of_the_unreduced_one(scenario: str, settings: Mapping[str, int]) -> None:
    here = SPEC.scenarios[scenario]
    reduced = Machine(SPEC, here, settings)
    plain = Machine(SPEC, here, settings, reductions=())
    found = quotient(plain, reduced)
    assert found.exact, found
    assert found.reduced <= found.states


@pytest.mark.parametrize("name", ["B11", "B19", "B22", "B29"])
def test_a_known_bug_is_found_in_the_real_order_too(name: str) -> None:
    variant = SPEC.variants[name]
    spec: Spec = load(edits=variant.edits)
    settings = {**variant.parameters, "sweep_order": INDEX}
    machine = Machine(spec, spec.scenarios[variant.scenario], settings, atomicity=variant.atomicity, reductions=())
    outcome = BreadthFirst(machine, Limits(states=150_000)).run()
    assert variant.property in {v.property for v in outcome.violations}
