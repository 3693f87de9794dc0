"""The minimiser reaches the minimum that is known, says how, and keeps what it has when it is stopped."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise import Result, minimise
from checker.minimise import case as case_module
from checker.minimise.budget import Budget
from checker.minimise.case import Case, Example
from checker.minimise.follow import follow
from checker.minimise.needs import needs_of
from checker.minimise.passes import PASSES, smaller
from checker.minimise.place import Place, place_of, same_threads
from checker.minimise.polish import measure, polish, switches
from checker.minimise.shorten import shorten
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.concrete import shown_by, violation_of
from checker.search.outcome import Outcome, Violation
from spec.language.parameters import SIZES, Parameter

SPEC = load(Path(__file__).parent / "specs" / "shrink")


def machine(scenario: str, **settings: int) -> Machine:
    return Machine(SPEC, SPEC.scenarios[scenario], settings)


def first(m: Machine) -> Violation:
    return BreadthFirst(m, Limits(states=200_000)).run().violations[0]


def small(scenario: str, **settings: int) -> Result:
    m = machine(scenario, **settings)
    return minimise(m, first(m), steps=10**7, shortest=True, native=False)


def scope(r: Result) -> tuple[tuple[str, ...], dict[str, int]]:
    return r.machine.without, r.machine.parameters


def walk(m: Machine, key: tuple[str, str], seed: int) -> Violation:
    """A random run to a violation, of however many steps."""
    for attempt in itertools.count():
        draw, state, taken = random.Random(f"{seed} {attempt}"), m.initial(), []
        while steps := m.successors(state):
            s = draw.choice(steps)
            taken.append((s.thread, s.choice))
            shown = shown_by(m, state, s, key)
            if shown is not None:
                return violation_of(m, shown, tuple(taken))
            if s.thrown is not None:
                break
            state = s.state
    raise AssertionError


def test_a_thread_that_does_nothing_is_left_out_and_all_sizes_go_down() -> None:
    r = small("full", workers=3, cells=8, reserve=8)
    assert r.violation.schedule == ((0, (0, 3)), (0, ()))
    assert scope(r) == (("ticker",), {"workers": 1, "cells": 1, "reserve": 1, "largest": 3, "full": 3})
    assert (r.minimal, r.shortest, r.stopped) == (True, True, "")


def test_a_smaller_scope_that_takes_more_steps_is_no_improvement() -> None:
    r = small("full", full=4)
    assert len(r.violation.schedule) == 4
    assert r.machine.parameters["largest"] == 2  # with 1 it takes eight steps


def test_a_race_keeps_its_two_threads_and_two_switches() -> None:
    r = small("race", workers=4)
    assert r.machine.parameters["workers"] == 2
    assert r.violation.schedule == ((0, ()), (1, ()), (1, ()), (0, ()))
    assert switches(r.violation.schedule) == 2


def test_a_throw_keeps_the_thread_that_throws() -> None:
    m = Machine(SPEC, SPEC.scenarios["close"], {}, properties=[])
    r = minimise(m, first(m), steps=10**7, shortest=True, native=False)
    assert (r.violation.exit, r.violation.clause) == (14, "closed with something on it")
    assert scope(r) == (("ticker",), {"workers": 1, "cells": 1, "reserve": 1, "largest": 1, "full": 3})


def test_no_thread_is_left_out_of_a_deadlock() -> None:
    r = small("stuck")
    assert (r.violation.exit, r.machine.without) == (11, ())
    assert len(r.violation.schedule) == 4


def test_it_comes_to_the_same_twice() -> None:
    a, b = (small("race", workers=3, cells=5, reserve=6) for _ in range(2))
    assert (a.violation, scope(a), a.tries, a.search_steps) == (b.violation, scope(b), b.tries, b.search_steps)


@pytest.mark.parametrize(("scenario", "settings"), [("full", {"full": 4}), ("race", {"workers": 3})])
def test_every_single_reduction_of_the_result_fails(scenario: str, settings: dict[str, int]) -> None:
    r = small(scenario, **settings)
    best = Example(place_of(r.machine), tuple(r.machine.threads), r.violation, True)
    for p in PASSES:
        for place in p.places(r.machine, best):
            m = fresh(place, scenario)
            if m is None:
                continue
            out = BreadthFirst(m, Limits(depth=len(r.violation.schedule) + p.more)).run()
            assert out.violations == [], place


def fresh(place: Place, scenario: str) -> Machine | None:
    from checker.errors import AssumptionError

    try:
        chosen = [p for p in SPEC.properties if p.id == {"full": "X1", "race": "X2"}[scenario]]
        parameters = dict(place.parameters)
        return Machine(SPEC, SPEC.scenarios[scenario], parameters, properties=chosen, without=place.without)
    except AssumptionError:
        return None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("scenario", ["full", "race"])
def test_a_random_run_comes_down_to_the_shortest_in_its_scope(scenario: str, seed: int) -> None:
    m = machine(scenario, workers=3, full=30)
    key = ("X1", "less than full") if scenario == "full" else ("X2", "total is the sum")
    long = walk(m, key, seed)
    r = minimise(m, long, steps=10**7, native=False)
    if scenario == "race":
        assert len(r.violation.schedule) == 4
    else:
        assert len(r.violation.schedule) == 20  # ten times the largest amount, in two steps each
    assert r.shortest


@pytest.mark.parametrize("seed", range(4))
def test_shortening_alone_leaves_no_part_that_could_go(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    m = machine("full", workers=3, full=20)
    long = walk(m, ("X1", "less than full"), seed)
    case = Case(m, long, Budget(10**7), native=False)
    *_, best = shorten(case, Example(place_of(m), tuple(m.threads), long, False))
    assert len(best.schedule) < len(long.schedule)
    for i in range(len(best.schedule)):
        rest = best.schedule[:i] + best.schedule[i + 1 :]
        done = follow(m, rest, ("X1", "less than full"), skip=True)
        assert done.violation is None or len(done.schedule) >= len(best.schedule)


def test_polishing_joins_what_one_thread_does_and_takes_smaller_arguments() -> None:
    m = machine("full", full=4)
    untidy = ((0, (3, 2)), (1, (3, 3)), (0, ()), (1, ()))
    found = follow(m, untidy, ("X1", "less than full"), skip=False).violation
    assert found is not None
    case = Case(m, found, Budget(10**6), native=False)
    *_, best = polish(case, Example(place_of(m), tuple(m.threads), found, True))
    assert best.schedule == ((0, (0, 1)), (0, ()), (1, (0, 3)), (1, ()))


def test_the_measure_prefers_fewer_switches_to_smaller_arguments() -> None:
    assert measure(((0, (9,)), (0, ()), (1, ()))) < measure(((0, (0,)), (1, ()), (0, ())))


def test_a_spent_budget_keeps_the_best_so_far() -> None:
    m = machine("full", workers=3, cells=8, reserve=8)
    v = first(m)
    lengths = []
    for steps in (1, 3_000, 8_000, 10**7):
        r = minimise(m, v, steps=steps, shortest=True, native=False)
        assert follow(r.machine, r.violation.schedule, (v.property, v.clause), skip=False).violation is not None
        assert r.minimal == (steps == 10**7)
        assert ("budget" in r.stopped) == (steps != 10**7)
        lengths.append((len(r.machine.threads), r.machine.parameters["cells"]))
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == (4, 8)


def test_an_interrupt_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    m = machine("full", workers=3, cells=8, reserve=8)
    v, calls = first(m), itertools.count()
    search = case_module.Case.search

    def interrupted(self: Case, place: Place, depth: int, **more: int) -> Example | None:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return search(self, place, depth, **more)

    monkeypatch.setattr(case_module.Case, "search", interrupted)
    r = minimise(m, v, steps=10**7, shortest=True, native=False)
    assert (r.interrupted, r.minimal, r.stopped) == (130, False, "an interrupt")
    assert r.machine.without == ("ticker",)
    assert follow(r.machine, r.violation.schedule, (v.property, v.clause), skip=False).violation is not None


def test_a_search_that_a_signal_ends_passes_its_exit_code_on(monkeypatch: pytest.MonkeyPatch) -> None:
    m = machine("full")
    v = first(m)
    monkeypatch.setattr(case_module.Case, "_states", lambda *_: Outcome(stopped="an interrupt", interrupted=143))
    r = minimise(m, v, steps=10**7, shortest=True, native=False)
    assert (r.interrupted, r.minimal, r.violation) == (143, False, v)


def test_a_scope_too_large_to_search_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_module, "_SMALL", 2)
    r = small("full")
    assert not r.minimal
    assert "too large to be searched" in r.stopped


def test_what_is_lost_without_each_step() -> None:
    r = small("full", full=4)
    said = needs_of(r.machine, r.violation)
    assert [n.step for n in said] == [1, 2, 3, 4]
    assert all(n.needed for n in said)
    assert said[0].lost == "step 2 cannot be taken, and the clause holds to the end"
    assert said[3].lost == "all others can be taken, but the clause holds to the end"


def test_a_step_that_is_not_needed_is_named() -> None:
    m = machine("full")
    padded = follow(m, ((2, ()), (0, (0, 3)), (0, ())), ("X1", "less than full"), skip=False).violation
    assert padded is not None
    assert [n.needed for n in needs_of(m, padded)] == [False, True, True]


def test_smaller_values_of_a_parameter() -> None:
    p = Parameter(4, 1, 1 << 30, "")
    assert smaller(p, 1) == []
    assert smaller(p, 5) == [1, 2, 3, 4]
    many = smaller(p, 1000)
    assert many == sorted(set(many))
    assert {1, 2, 500, 999} <= set(many)
    assert len(many) <= 12


def test_threads_of_one_function_play_each_others_parts() -> None:
    before, after = ["worker 0", "worker 1", "worker 2", "ticker"], ["worker", "ticker"]
    assert same_threads(before, after, [2, 2, 3, 2]) == {2: 0, 3: 1}
    assert same_threads(before, after, [2, 1]) == {2: 0}


def test_every_pass_says_what_it_tries_and_why_that_is_sound() -> None:
    assert [p.size for p in PASSES] == ["", *SIZES]
    assert all(p.tries and p.sound for p in PASSES)
