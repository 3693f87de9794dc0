"""What must be possible: met, never met, not met yet, and not met under parameters that are not the scenario's."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.outcome import NEVER, Outcome

LITMUS = Path(__file__).parent / "specs" / "liveness"


def searched(
    scenario: str, *, folder: Path | None = LITMUS, limits: Limits | None = None, only: str = "", **settings: int
) -> Outcome:
    """The search of single states."""
    spec = load(folder)
    properties = [p for p in spec.properties if p.id == only] if only else None
    machine = Machine(spec, spec.scenarios[scenario], settings, properties=properties)
    return BreadthFirst(machine, limits or Limits()).run()


def verdicts(outcome: Outcome) -> dict[str, str]:
    """By id."""
    return {id: verdict for (id, _), verdict in outcome.decided.items()}


def test_what_happens_is_met_and_what_never_does_is_violated() -> None:
    assert verdicts(searched("rounds")) == {"R1": "ok"}
    outcome = searched("impossible")
    assert verdicts(outcome) == {"R1": "ok", "R2": "violated"}
    assert [(v.property, v.clause, v.schedule, v.exit) for v in outcome.violations] == [("R2", NEVER, (), 12)]
    assert (outcome.verdict, outcome.exit, outcome.exhaustive) == ("violation", 12, True)


def test_what_a_bound_keeps_out_of_sight_is_not_met_yet() -> None:
    outcome = searched("impossible", limits=Limits(depth=3))
    assert verdicts(outcome) == {"R1": "not met yet", "R2": "not met yet"}
    assert (outcome.verdict, outcome.violations) == ("ok", [])
    assert verdicts(searched("impossible", limits=Limits(depth=4))) == {"R1": "ok", "R2": "not met yet"}


def test_parameters_of_somebodys_own_make_it_no_violation_unless_it_is_asked_for() -> None:
    outcome = searched("impossible", top=1)
    assert verdicts(outcome) == {"R1": "ok", "R2": "not met"}
    assert (outcome.verdict, outcome.exit) == ("ok", 0)
    assert searched("impossible", only="R2", top=1).exit == 12
    assert searched("rounds", only="R2").exit == 12


@pytest.mark.parametrize(
    ("name", "ids"),
    [("quick", ["R1", "R2"]), ("scavenge", ["R1", "R2"]), ("physical", ["R1"]), ("growth", ["R3"]), ("chunks", ["R4"])],
)
def test_the_heap_comes_to_what_a_scenario_says_it_can(name: str, ids: list[str]) -> None:
    spec = load()
    scenario = spec.scenarios[name]
    possible = [p for p in spec.properties if p.kind == "reachable" and p.id in scenario.decides]
    outcome = BreadthFirst(Machine(spec, scenario, {}, properties=possible), Limits()).run()
    assert verdicts(outcome) == dict.fromkeys(ids, "ok")


def test_a_heap_whose_scavenger_is_disabled_never_releases_anything() -> None:
    """B01 leaves the scavenger idle where physical pages are larger than those of the heap."""
    spec = load()
    broken = load(edits=spec.variants["B01"].edits)
    properties = [p for p in broken.properties if p.id == "R2"]
    machine = Machine(broken, broken.scenarios["quick"], {"phys_page_size": 2}, properties=properties)
    outcome = BreadthFirst(machine, Limits()).run()
    assert verdicts(outcome) == {"R2": "violated"}
