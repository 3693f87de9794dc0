"""Liveness, from the spec to the lasso: litmus specs in specs/liveness, and the heap's own P19."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.check_liveness import check_liveness, due
from checker.search.explore_graph import explore_graph
from checker.search.lasso import violation_of
from checker.search.liveness import find_lasso
from checker.search.outcome import Fairness, Outcome, Violation
from checker.search.replay import replay
from spec.language import Edit

LITMUS = Path(__file__).parent / "specs" / "liveness"


def live(
    scenario: str, folder: Path | None = LITMUS, variant: str = "", limits: Limits | None = None
) -> tuple[Machine, Outcome]:
    """The search for lassos alone, of all liveness properties that the scenario lists."""
    spec = load(folder)
    if variant:
        spec = load(folder, spec.variants[variant].edits)
    machine = Machine(spec, spec.scenarios[scenario], {})
    outcome = Outcome(exhaustive=True)
    check_liveness(machine, outcome, limits or Limits())
    return machine, outcome


def only(scenario: str) -> tuple[Machine, Violation]:
    """The one violation of a scenario."""
    machine, outcome = live(scenario)
    assert (outcome.verdict, outcome.exit) == ("violation", 13)
    assert len(outcome.violations) == 1
    return machine, outcome.violations[0]


def states(machine: Machine, violation: Violation) -> list[bytes]:
    """The states of a counterexample, state 0 first."""
    out = [machine.initial()]
    for thread, choice in violation.schedule:
        out.append(next(s.state for s in machine.steps(out[-1], thread) if s.choice == choice))
    return out


@pytest.mark.parametrize(
    ("scenario", "property", "prefix", "loop", "fairness"),
    [
        ("neglect", "L2", 0, 2, (Fairness("spinner", True, True),)),
        ("ending", "L1", 1, 0, (Fairness("climber", False, False),)),
        ("gate", "L1", 0, 2, (Fairness("keeper", True, True), Fairness("guest", False, False))),
        ("rounds", "L1", 2, 2, (Fairness("walker", True, True),)),
    ],
)
def test_the_lasso_of_a_litmus(scenario: str, property: str, prefix: int, loop: int, fairness: tuple[Fairness, ...]) -> None:
    machine, v = only(scenario)
    assert (v.property, v.loop, len(v.schedule), v.fairness) == (property, prefix, prefix + loop, fairness)
    run = states(machine, v)
    assert run[prefix] == run[-1]
    assert len(replay(machine, v.schedule).steps) == prefix + loop


@pytest.mark.parametrize(("scenario", "property"), [("neglect", "L1"), ("ending", "L2"), ("rounds", "L2")])
def test_a_goal_that_fairness_an_end_or_every_loop_brings_about_is_no_violation(scenario: str, property: str) -> None:
    _, outcome = live(scenario)
    assert {id: verdict for (id, _), verdict in outcome.decided.items()}[property] == "ok"
    assert property not in {v.property for v in outcome.violations}


def test_a_loop_of_forms_goes_round_until_the_real_states_close() -> None:
    machine, v = only("names")
    assert machine.canonical.reductions == ("naming",)
    assert (v.loop, len(v.schedule)) == (1, 3)
    run = states(machine, v)
    assert run[1] == run[3] != run[2]
    assert machine.canonical(run[1]) == machine.canonical(run[2])


def test_without_reductions_the_verdicts_are_the_same() -> None:
    spec = load(LITMUS)
    for scenario in spec.scenarios.values():
        verdicts = []
        for reductions in (None, ()):
            outcome = Outcome(exhaustive=True)
            check_liveness(Machine(spec, scenario, {}), outcome, Limits(), reductions=reductions)
            verdicts.append((outcome.decided, [len(v.schedule) > v.loop for v in outcome.violations if v.loop is not None]))
        assert verdicts[0] == verdicts[1]


def test_a_bound_is_never_ok_but_keeps_what_it_has_found() -> None:
    _, outcome = live("parking", None, limits=Limits(depth=20))
    assert (outcome.verdict, outcome.exit, outcome.exhaustive) == ("incomplete", 20, False)
    assert set(outcome.decided.values()) == {"incomplete"}
    _, outcome = live("parking", None, limits=Limits(states=1))
    assert outcome.exit == 20
    _, outcome = live("gate", limits=Limits(depth=2))
    assert (outcome.verdict, outcome.exit) == ("violation", 13)


def test_a_property_is_due_where_it_is_listed_or_asked_for_and_has_its_threads() -> None:
    spec = load()
    p19 = [p for p in spec.properties if p.id == "P19"]
    names = ["a parked sweeper is woken", "every cycle's sweep ends"]
    assert [p.name for p in due(Machine(spec, spec.scenarios["sweep"], {}))] == names
    assert due(Machine(spec, spec.scenarios["default"], {})) == []
    assert [p.name for p in due(Machine(spec, spec.scenarios["default"], {}, properties=p19))] == names
    assert [p.name for p in due(Machine(spec, spec.scenarios["reclaim"], {}, properties=p19))] == names[:1]
    assert due(Machine(spec, spec.scenarios["sweep"], {}, properties=[])) == []


@pytest.mark.parametrize("scenario", ["parking", "order"])
def test_every_sweep_of_the_heap_ends_and_its_sweeper_is_woken(scenario: str) -> None:
    _, outcome = live(scenario, None)
    assert set(outcome.decided.values()) == {"ok"}
    assert len(outcome.decided) == 2
    assert not outcome.vacuous
    assert outcome.verdict == "ok"


def test_a_sweeper_that_parks_without_looking_again_sleeps_for_ever() -> None:
    machine, outcome = live("parking", None, "B26")
    assert [(v.property, v.name, v.exit) for v in outcome.violations] == [
        ("P19", "a parked sweeper is woken", 13),
        ("P19", "every cycle's sweep ends", 13),
    ]
    for v in outcome.violations:
        run = states(machine, v)
        assert v.loop == len(v.schedule) == 41
        assert machine.successors(run[-1]) == []
        assert machine.at_rest(run[-1])
    search = BreadthFirst(machine, Limits()).run()
    assert [(v.property, v.clause) for v in search.violations] == [("P19", "nothing to sweep")]


def test_a_sweeper_that_goes_round_without_sweeping_is_seen_by_liveness_alone() -> None:
    lazy = Edit("environment.sweeper.bgsweep", old="swept = gosweepone(h)", new="swept = sys.word_max")
    spec = load(edits=[lazy])
    machine = Machine(spec, spec.scenarios["parking"], {})
    outcome = BreadthFirst(machine, Limits()).run()
    assert outcome.verdict == "ok"
    check_liveness(machine, outcome, Limits())
    assert [(v.name, v.exit) for v in outcome.violations] == [("every cycle's sweep ends", 13)]
    (v,) = outcome.violations
    assert {machine.threads[t] for t, _ in v.schedule[v.loop :]} == {"bgsweep"}
    assert v.fairness == (Fairness("collector", False, False), Fairness("bgsweep", True, True))
    assert len(replay(machine, v.schedule).steps) == len(v.schedule)


def test_a_lasso_that_no_run_follows_is_an_error_of_the_tool() -> None:
    spec = load(LITMUS)
    gate = spec.scenarios["gate"]
    (goal,) = [p for p in spec.properties if p.function.__name__ == "gets_through"]
    machine = Machine(spec, gate, {}, properties=[goal], reductions=())
    explored = explore_graph(machine, [goal], Limits())
    lasso = find_lasso(explored.graph, 0, [0, 1])
    assert lasso is not None
    with pytest.raises(Exception, match="beyond step 1 of 2"):
        violation_of(machine, replace(explored, forms=[b"\xff" * len(f) for f in explored.forms]), goal, [0, 1], lasso)
    with pytest.raises(Exception, match="the real run goes on"):
        violation_of(machine, explored, goal, [], replace(lasso, loop=()))


def test_threads_that_are_exchanged_are_refused() -> None:
    spec = load(Path(__file__).parent / "specs" / "pool")
    machine = Machine(spec, spec.scenarios["pool"], {})
    with pytest.raises(Exception, match="without the reduction 'threads'"):
        explore_graph(machine, [], Limits())
