"""Every scenario of the heap: clean but for recorded findings, of the size that it says, and all of the heap reached."""

from __future__ import annotations

import re

import pytest
from reach import survey

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits

SPEC = load()
SMALL = [name for name, s in SPEC.scenarios.items() if int(re.sub(",", "", s.closure.split()[0])) <= 60_000]


def test_there_are_small_scenarios() -> None:
    assert len(SMALL) >= 8


@pytest.mark.parametrize("name", SMALL)
def test_a_scenario_closes_at_the_size_it_states(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = BreadthFirst(Machine(SPEC, scenario, {}), Limits()).run()
    assert outcome.verdict == "ok"
    assert scenario.closure.startswith(f"{outcome.states:,} states, depth {outcome.depth} (")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SPEC.scenarios if name not in SMALL])
def test_a_larger_scenario_closes_at_the_size_it_states(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = BreadthFirst(Machine(SPEC, scenario, {}), Limits()).run()
    assert outcome.verdict == "ok"
    assert scenario.closure.startswith(f"{outcome.states:,} states, depth {outcome.depth} (")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, s in SPEC.scenarios.items() if "not closed" not in s.closure])
def test_a_scenario_closes_at_fine_atomicity_at_the_size_it_states(name: str) -> None:
    scenario = SPEC.scenarios[name]
    outcome = BreadthFirst(Machine(SPEC, scenario, {}, atomicity="fine"), Limits()).run()
    assert outcome.verdict == "ok"
    assert f"({outcome.states:,} states at fine atomicity)" in scenario.closure


@pytest.mark.parametrize("name", [name for name in SPEC.scenarios if name not in SMALL])
def test_a_larger_scenario_is_clean_as_far_as_a_quick_look_goes(name: str) -> None:
    for atomicity in ("lock", "fine"):
        machine = Machine(SPEC, SPEC.scenarios[name], {}, atomicity=atomicity)
        outcome = BreadthFirst(machine, Limits(states=8_000)).run()
        assert not outcome.violations


@pytest.mark.slow
def test_every_branch_and_scheduling_point_is_reached_or_explained() -> None:
    found = survey(SPEC)
    assert len(found.explained) > 5
    assert not found.unexplained
    assert not found.idle
