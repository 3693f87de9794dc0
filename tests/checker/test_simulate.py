"""Random walks: the same on both engines, step by step; what they find happens; bounds, drawing, interrupts."""

from __future__ import annotations

import ctypes
import json
import signal
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from walk_rig import ENGINES, SPECS, machine_of, made, small

from checker.errors import SpecEvaluationError, UsageError
from checker.load import load
from checker.lowering.machine import Machine
from checker.native.kernels.draw import ALL, picked
from checker.report.result import result
from checker.search import python_walk
from checker.search.breadth_first import Progress
from checker.search.native_walk import NativeWalker
from checker.search.outcome import Outcome
from checker.search.python_walk import PythonWalker
from checker.search.reached import Reached
from checker.search.replay import Disagreement
from checker.search.simulate import Walks, simulate

HEAP = load()


def seen(outcome: Outcome) -> dict[str, Any]:
    """All that does not depend on the engine."""
    return {f.name: getattr(outcome, f.name) for f in fields(outcome) if f.name not in ("engine", "seconds")}


def counters(machine: Machine) -> tuple[list[int], ...]:
    asked = [n for n, p in zip(machine.antecedents, machine.properties, strict=True) if p.kind != "reachable"]
    return machine.counts, machine.steps_from, asked, machine.explained


def alike(make: Callable[[], Machine], walks: Walks) -> tuple[Machine, Outcome]:
    """Walk with both engines, compare outcomes and counters, and look at what was found."""
    machines = [make() for _ in ENGINES]
    found = [simulate(m, walks, engine=e) for m, e in zip(machines, ENGINES, strict=True)]
    assert [o.engine for o in found] == list(ENGINES)
    assert seen(found[0]) == seen(found[1])
    assert counters(machines[0]) == counters(machines[1])
    require_real(make(), found[0])
    return machines[0], found[0]


def require_real(machine: Machine, outcome: Outcome) -> None:
    """Each step of a violation is enabled, the last one shows it, and none before shows anything."""
    assert outcome.verdict == ("violation" if outcome.violations else "incomplete")
    assert not outcome.exhaustive
    for v in outcome.violations:
        state, shown = machine.initial(), found_in(machine, machine.check(machine.initial()))
        for thread, choice in v.schedule:
            assert not shown
            (s,) = (s for s in machine.successors(state) if (s.thread, s.choice) == (thread, choice))
            shown = found_in(machine, s.failures) + ([] if s.thrown is None else [("P6", s.thrown[0], ())])
            if s.thrown is None and s.state[: machine.layout.heap_bytes] != state[: machine.layout.heap_bytes]:
                shown += found_in(machine, machine.check_step(state, s.state, s.thread))
            if s.thrown is None:
                shown += found_in(machine, machine.check(s.state))
            state = s.state
        if v.exit == 11:
            assert not shown
            assert not machine.successors(state)
            assert not machine.at_rest(state)
        else:
            assert shown[0] == (v.property, v.clause, v.witness)


def found_in(machine: Machine, failures: Any) -> list[tuple[Any, ...]]:
    return [(machine.properties[f.property].id, f.clause, f.witness) for f in failures]


# both engines


@pytest.mark.parametrize("atomicity", ["lock", pytest.param("fine", marks=pytest.mark.slow)])
@pytest.mark.parametrize("scenario", ["arithmetic", "control", "ends", "threads", "pool", "clerks", "circle", "neglect"])
def test_small_specs_are_walked_alike(scenario: str, atomicity: str) -> None:
    for seed in range(4):
        alike(lambda: small(scenario, atomicity=atomicity), Walks(seed, 12, 60))


@pytest.mark.parametrize("scenario", ["quick", "parking", pytest.param("default", marks=pytest.mark.slow)])
def test_the_heap_is_walked_alike(scenario: str) -> None:
    machine, out = alike(lambda: machine_of(HEAP, scenario), Walks(1, 4, 200))
    assert (out.verdict, out.depth == 200) == ("incomplete", scenario != "parking")
    assert max(machine.antecedents) > 50


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["sweep", "stacks"])
def test_fine_steps_of_the_heap_are_walked_alike(scenario: str) -> None:
    alike(lambda: machine_of(HEAP, scenario, "fine"), Walks(3, 4, 300))


@pytest.mark.parametrize(
    ("variant", "property", "exit"),
    [
        ("B08", "P3", 12),
        *(pytest.param(v, p, 12, marks=pytest.mark.slow) for v, p in (("B01", "P10"), ("B12", "P16"), ("B19", "P15"))),
    ],
)
def test_a_known_bug_is_found_alike(variant: str, property: str, exit: int) -> None:
    v = HEAP.variants[variant]
    spec = load(None, v.edits)
    for seed in (0, 5):
        _, out = alike(lambda: machine_of(spec, v.scenario, parameters=v.parameters), Walks(seed, None, 1000, 40_000))
        assert (out.violations[0].property, out.exit) == (property, exit)


@pytest.mark.parametrize("scenario", ["ends", "threads", "control"])
def test_each_step_of_each_walk_is_the_same(scenario: str) -> None:
    machine, walks = small(scenario, properties=[]), Walks(7, None, 40)
    native, python = NativeWalker(machine, walks, Reached(machine)), PythonWalker(machine, walks, Reached(machine))
    assert not native.begin()
    assert not python.begin()
    states = set()
    for _ in range(400):
        assert native.on(1) == python.on(1)
        state = ctypes.string_at(native._worker["state"], machine.size)
        assert (native.place(), state) == (python.place(), python._path.state)
        states.add(state)
        if python._reason:
            assert native.shown() == python.shown()
            break
    native.close()
    assert len(states) > 20


def test_an_error_of_the_spec_is_the_same() -> None:
    machine = small("errors")
    said = [[ended(machine, engine, seed) for seed in range(60)] for engine in ENGINES]
    assert said[0] == said[1]
    assert len(set(said[0])) > 12


def ended(machine: Machine, engine: str, seed: int) -> str:
    """How a walk ends that may fail in many ways."""
    try:
        return str(seen(simulate(machine, Walks(seed, 1), engine=engine)))
    except SpecEvaluationError as e:
        return str(e)


def test_an_error_is_told_though_the_step_is_not_taken(tmp_path: Path) -> None:
    text = "\ndef choosy(r: Root) -> None:\n    while True:\n        i = choose(range(9))\n        r.y = 25 * i + 24\n"
    machine = made(tmp_path, text, "Thread(choosy)")
    for seed in range(3):
        for engine in ENGINES:
            with pytest.raises(SpecEvaluationError, match=r"Root\.y = 224 is outside"):
                simulate(machine, Walks(seed, 1, 1), engine=engine)


# what is found


@pytest.mark.parametrize(("scenario", "property", "exit"), [("ends", "P6", 14), ("circle", "P26", 11)])
def test_throws_and_deadlocks(scenario: str, property: str, exit: int) -> None:
    lengths = set()
    for seed in range(5):
        _, out = alike(lambda: small(scenario, properties=[]), Walks(seed, 100, 200))
        v = out.violations[0]
        assert (v.property, v.exit, out.exit, out.stopped) == (property, exit, exit, "")
        lengths.add(len(v.schedule))
    assert len(lengths) > 1


@pytest.mark.parametrize("id", ["E2", "I1", "S1"])
def test_each_kind_of_property(id: str) -> None:
    spec = SPECS["corners"]
    chosen = [p for p in spec.properties if p.id == id]
    _, out = alike(lambda: small("ends", properties=chosen, without=("throwing",)), Walks(0, 100, 200))
    assert [v.property for v in out.violations] == [id]


def test_the_first_clause_of_a_step_is_told(tmp_path: Path) -> None:
    text = """
def go(r: Root) -> None:
    acts(r)
    throw_if(r.x == 1, "thrown")
    step()

def acts(r: Root) -> None:
    step()
    r.x = 1

@end_of("acts", "E1", "end")
def ended(r: Root) -> None:
    check("end", r.x != 1)

@step_property("S1", "step")
def stepped(before: Root, after: Root) -> None:
    check("before", after.x == before.x)
    check("behind", after.x == before.x)

@invariant("I1", "state")
def stated(r: Root) -> None:
    check("one", r.x != 1)
"""
    firsts = [("E1", "end"), ("P6", "thrown"), ("S1", "before"), ("S1", "behind"), ("I1", "one")]
    mended = [
        ('end", r.x', 'end", r.y'),
        ("throw_if(r.x", "throw_if(r.y"),
        ('before", after', 'before", before'),
        ('behind", after', 'behind", before'),
    ]
    for number, first in enumerate(firsts):
        folder = tmp_path / str(number)
        folder.mkdir()
        machine = made(folder, text, "Thread(go)")
        for engine in ENGINES:
            out = simulate(machine, Walks(0, 1), engine=engine)
            assert [(v.property, v.clause) for v in out.violations] == [first]
        require_real(machine, out)
        text = text.replace(*mended[number]) if number < len(mended) else text


def test_state_0_is_checked_once(tmp_path: Path) -> None:
    text = '\n@invariant("I1", "one")\ndef ones(r: Root) -> None:\n    if given(r.y == 0):\n        check("one", r.x == 1)\n'
    machine = made(tmp_path, text, "Thread(one)")
    for engine in ENGINES:
        out = simulate(machine, Walks(0, 5), engine=engine)
        assert [(v.property, v.schedule) for v in out.violations] == [("I1", ())]
        assert (out.states, out.transitions, out.depth) == (1, 0, 0)
    assert machine.antecedents == [2]


def test_a_state_with_the_heap_of_the_one_before_is_not_checked_again(tmp_path: Path) -> None:
    text = """
def calm(r: Root) -> None:
    while True:
        step()

@invariant("I1", "small")
def low(r: Root) -> None:
    if given(r.x == 0):
        check("low", r.x < 200)
"""
    machine = made(tmp_path, text, "Thread(calm)")
    for engine in ENGINES:
        simulate(machine, Walks(0, 1, 50), engine=engine)
    assert machine.antecedents == [2]


def test_known_findings_explain_unless_strict() -> None:
    machine, out = alike(lambda: machine_of(HEAP, "quick"), Walks(0, 3, 300))
    assert not out.violations
    assert sum(machine.explained) > 0
    _, out = alike(lambda: machine_of(HEAP, "quick", explained=False), Walks(0, 3, 300))
    assert [v.property for v in out.violations] == ["P16"]


def test_what_must_be_possible_is_never_called_impossible() -> None:
    for walks in (Walks(0, 1, 2), Walks(0, 30, 60)):
        _, out = alike(lambda: small("impossible"), walks)
        assert out.decided == {
            ("R1", "far"): "not met yet" if walks.walks == 1 else "ok",
            ("R2", "beyond"): "not met yet",
        }
        assert out.exit == 20


@pytest.mark.parametrize("engine", ENGINES)
def test_the_outcome_is_a_result(engine: str) -> None:
    for scenario in ("circle", "rounds"):
        machine = small(scenario, reductions=())
        out = simulate(machine, Walks(0, 20, 50), engine=engine)
        shown = json.loads(json.dumps(result(machine, out, {"total": 1.0, "compile": 0.0}, strict=False)))
        assert (shown["verdict"], shown["exit"], shown["stopped"]) == (out.verdict, out.exit, out.stopped)
        assert [v["steps"] for v in shown["violations"]] == [len(v.schedule) for v in out.violations]


# walks and their bounds


def test_walks_end_where_all_threads_rest() -> None:
    _, out = alike(lambda: small("ending"), Walks(0, 5))
    assert (out.transitions, out.states, out.depth, out.exit) == (5, 10, 1, 20)
    assert out.stopped == "5 walks"


def test_where_no_step_leads_out_of_state_0() -> None:
    others = ("first", "second", "watcher", "idler")
    _, out = alike(lambda: small("circle", without=others[:3]), Walks(0))
    assert (out.verdict, out.stopped, out.states) == ("incomplete", "state 0, out of which no step leads", 1)
    _, out = alike(lambda: small("circle", without=(*others[:2], "idler")), Walks(0))
    assert [(v.property, v.schedule) for v in out.violations] == [("P26", ())]


@pytest.mark.parametrize(
    ("bounds", "stopped", "walks", "steps"),
    [
        ((1, 1, None), "1 walk of at most 1 step", 1, 1),
        ((7, 30, None), "7 walks of at most 30 steps", 7, 210),
        ((7, 30, 210), "210 steps, in 7 walks of at most 30 steps", 7, 210),
        ((7, 30, 211), "7 walks of at most 30 steps", 7, 210),
        ((None, 30, 100), "100 steps, in 4 walks of at most 30 steps", 4, 100),
        ((None, 30, 90), "90 steps, in 3 walks of at most 30 steps", 3, 90),
        ((None, None, 700), "700 steps, in 1 walk", 1, 700),
        ((None, 1, 600), "600 steps, in 600 walks of at most 1 step", 600, 600),
    ],
)
def test_bounds(bounds: tuple[int | None, int | None, int | None], stopped: str, walks: int, steps: int) -> None:
    _, out = alike(lambda: small("gate"), Walks(3, *bounds))
    assert (out.stopped, out.verdict, out.exit, out.levels) == (stopped, "incomplete", 20, [])
    assert (out.states, out.transitions, out.depth) == (walks + steps, steps, min(bounds[1] or steps, steps))


def test_numbers_out_of_range_are_refused() -> None:
    for numbers in ((-1,), (1 << 64,), (0, 0), (0, 1, 0), (0, 1, 1, 0), (0, 1 << 63)):
        with pytest.raises(UsageError, match="outside"):
            Walks(*numbers)
    Walks(ALL, 1, 1, 1)
    with pytest.raises(ValueError, match="engine"):
        simulate(small("gate"), Walks(0), engine="c")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_seed_gives_the_same_walks_again_and_another_one_others(engine: str) -> None:
    def schedules(seed: int) -> list[Any]:
        return simulate(small("ends"), Walks(seed, 50, 100), engine=engine).violations

    assert schedules(1) == schedules(1)
    assert len({str(schedules(seed)) for seed in range(10)}) == 10


def test_a_walk_depends_on_the_seed_and_its_number_alone() -> None:
    machine, seed = small("ends", properties=[]), 2
    out = simulate(machine, Walks(seed, None, 12), engine="native")
    number = out.states - out.transitions - 1
    assert number > 3
    assert not simulate(machine, Walks(seed, number, 12), engine="native").violations
    assert simulate(machine, Walks(seed, number + 1, 12), engine="native").violations == out.violations
    path = python_walk.Path(machine, seed, number, machine.initial())
    schedule = []
    while len(schedule) < len(out.violations[0].schedule):
        s = path.draw()
        assert s is not None
        schedule.append((s.thread, s.choice))
        path.take(s)
    assert tuple(schedule) == out.violations[0].schedule
    assert s.thrown is not None


# interrupts and progress


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, None])
def test_an_interrupt_keeps_what_was_counted(number: signal.Signals | None) -> None:
    told: list[list[tuple[int, int, int]]] = []
    found = []
    for engine in ENGINES:
        told.append([])

        def report(p: Progress) -> None:
            told[-1].append((p.depth, p.states, p.transitions))
            if p.transitions >= 1000 and number is None:
                raise KeyboardInterrupt
            if p.transitions >= 1000:
                signal.raise_signal(number)

        found.append(simulate(small("gate"), Walks(0, None, 300), engine=engine, report=report))
    assert told[0] == told[1] == [(256, 257, 256), (300, 514, 512), (300, 771, 768), (300, 1028, 1024)]
    assert seen(found[0]) == seen(found[1])
    code = 143 if number == signal.SIGTERM else 130
    assert (found[0].verdict, found[0].stopped, found[0].exit) == ("incomplete", "an interrupt", code)
    assert found[0].transitions == 1024


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupt_loses_no_violation(engine: str) -> None:
    def report(p: Progress) -> None:
        raise KeyboardInterrupt

    expected = simulate(small("circle"), Walks(0), engine=engine)
    found = simulate(small("circle"), Walks(0), engine=engine, report=report)
    assert found.violations == expected.violations
    assert (found.verdict, found.exit, found.interrupted) == ("violation", 11, 130)


# native code alone is not believed


def test_a_native_walk_that_goes_elsewhere_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_walk, "picked", lambda random, count: count - 1 - picked(random, count))
    with pytest.raises(Disagreement, match="walk 0 of seed 0 shows P6"):
        simulate(small("ends", properties=[]), Walks(0, 1), engine="native")


def test_a_violation_that_native_code_made_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NativeWalker, "shown", lambda self: ("not thrown", "nowhere:1"))
    for scenario in ("ends", "circle"):
        with pytest.raises(Disagreement, match="executed again"):
            simulate(small(scenario, properties=[]), Walks(0, 50), engine="native")
