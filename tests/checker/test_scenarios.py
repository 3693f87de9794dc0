"""Every scenario of the heap: clean but for recorded findings, of the size that it says, and all of the heap reached."""

from __future__ import annotations

import pytest
from reach import survey

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.native import NativeSearch

SPEC = load()


@pytest.mark.parametrize("name", SPEC.scenarios)
def test_a_scenario_closes_at_the_size_it_states(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = NativeSearch(Machine(SPEC, scenario, {}), Limits(), jobs=2).run()
    assert outcome.verdict == "ok"
    assert scenario.closure.startswith(f"{outcome.states:,} states, depth {outcome.depth} (")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, s in SPEC.scenarios.items() if "not closed" not in s.closure])
def test_a_scenario_closes_at_fine_atomicity_at_the_size_it_states(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = NativeSearch(Machine(SPEC, scenario, {}, atomicity="fine"), Limits(), jobs=2).run()
    assert outcome.verdict == "ok"
    assert f"({outcome.states:,} states at fine atomicity)" in scenario.closure


@pytest.mark.parametrize("name", ["quick", "parking", "scavenge"])
def test_the_reference_closes_at_the_same_size(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = BreadthFirst(Machine(SPEC, scenario, {}), Limits()).run()
    assert scenario.closure.startswith(f"{outcome.states:,} states, depth {outcome.depth} (")


@pytest.mark.slow
def test_every_branch_and_scheduling_point_is_reached_or_explained() -> None:
    found = survey(SPEC)
    assert len(found.explained) > 5
    assert not found.unexplained
    assert not found.idle
