"""The native search finds what the reference finds: states, order, verdicts, counterexamples, counters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checker.errors import AssumptionError, CheckerError, SpecEvaluationError
from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.native import NativeSearch
from checker.search.outcome import Outcome

HEAP = load()
SPECS = Path(__file__).parent / "specs"
QUICKLY = ("quick", "sweep")
"""Scenarios whose native code at fine atomicity is compiled in the quick tier too."""
LIMITS = {"lock": 14, "fine": 16}


def machine_of(name: str, parameters: Mapping[str, int], atomicity: str = "lock", spec: Any = None, **more: Any) -> Machine:
    spec = HEAP if spec is None else spec
    return Machine(spec, spec.scenarios[name], parameters, atomicity=atomicity, **more)


def seen(outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.verdict,
        outcome.exhaustive,
        outcome.depth,
        outcome.states,
        outcome.transitions,
        outcome.levels,
        outcome.violations,
        outcome.stopped,
        outcome.decided,
    )


def counters(machine: Machine) -> tuple[list[int], ...]:
    asked = [n for n, p in zip(machine.antecedents, machine.properties, strict=True) if p.kind != "reachable"]
    return machine.counts, machine.steps_from, asked, machine.explained


def error_of(search: BreadthFirst | NativeSearch) -> str:
    """What the spec's own failure says; empty if there is none."""
    try:
        search.run()
    except SpecEvaluationError as e:
        return str(e)
    return ""


@pytest.mark.parametrize(
    ("scenario", "atomicity"),
    [
        pytest.param(s, a, marks=pytest.mark.slow if a == "fine" and s not in QUICKLY else ())
        for s in sorted(HEAP.scenarios)
        for a in ("lock", "fine")
    ],
)
def test_the_heap_is_explored_alike(scenario: str, atomicity: str) -> None:
    limits = Limits(depth=LIMITS[atomicity])
    reference = machine_of(scenario, {}, atomicity)
    expected = BreadthFirst(reference, limits).run()
    machine = machine_of(scenario, {}, atomicity)
    assert seen(NativeSearch(machine, limits, checked=True).run()) == seen(expected)
    assert counters(machine) == counters(reference)


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("storage", ["64", "128", "exact"])
def test_neither_jobs_nor_storage_change_the_result(jobs: int, storage: str) -> None:
    expected = seen(BreadthFirst(machine_of("quick", {}), Limits()).run())
    assert expected[1]
    for reductions in (None, ()):
        machine = machine_of("quick", {}, reductions=reductions)
        found = NativeSearch(machine, Limits(), jobs=jobs, storage=storage, checked=True).run()
        if reductions is None:
            assert seen(found) == expected
        else:
            assert seen(found) == seen(BreadthFirst(machine_of("quick", {}, reductions=()), Limits()).run())


@pytest.mark.parametrize("variant", [v for v in HEAP.variants if HEAP.variants[v].atomicity == "lock" and v != "B26"])
def test_a_known_bug_has_the_same_counterexample_for_any_number_of_jobs(variant: str) -> None:
    v = HEAP.variants[variant]
    spec = load(None, v.edits)
    expected = BreadthFirst(machine_of(v.scenario, v.parameters, v.atomicity, spec), Limits()).run()
    for jobs in (1, 2):
        machine = machine_of(v.scenario, v.parameters, v.atomicity, spec)
        assert seen(NativeSearch(machine, Limits(), jobs=jobs).run()) == seen(expected)


def test_going_on_finds_the_first_violation_of_each_clause() -> None:
    v = HEAP.variants["B06"]
    spec = load(None, v.edits)
    limits = Limits(depth=8)
    expected = BreadthFirst(machine_of(v.scenario, v.parameters, spec=spec), limits, go_on=True).run()
    found = NativeSearch(machine_of(v.scenario, v.parameters, spec=spec), limits, go_on=True, jobs=2).run()
    assert len(expected.violations) > 1
    assert seen(found) == seen(expected)


def test_known_findings_count_as_violations_when_strict() -> None:
    expected = BreadthFirst(machine_of("scavenge", {}, explained=False), Limits()).run()
    found = NativeSearch(machine_of("scavenge", {}, explained=False), Limits(), jobs=2).run()
    assert expected.violations
    assert seen(found) == seen(expected)


@pytest.mark.parametrize("folder", ["pool", "corners"])
def test_small_specs_are_explored_alike(folder: str) -> None:
    spec = load(SPECS / folder)
    for name in spec.scenarios:
        for atomicity in ("lock", "fine"):
            limits = Limits(depth=12, states=3000)
            said = error_of(BreadthFirst(machine_of(name, {}, atomicity, spec), limits, go_on=True))
            assert error_of(NativeSearch(machine_of(name, {}, atomicity, spec), limits, go_on=True)) == said
            if said:
                continue
            expected = BreadthFirst(machine_of(name, {}, atomicity, spec), limits, go_on=True).run()
            found = NativeSearch(machine_of(name, {}, atomicity, spec), limits, go_on=True, jobs=2, checked=True).run()
            if not expected.stopped:
                assert seen(found) == seen(expected)


def test_bounds_stop_the_search_as_incomplete() -> None:
    found = NativeSearch(machine_of("sweep", {}), Limits(states=500), jobs=2).run()
    assert (found.verdict, found.exit) == ("incomplete", 20)
    assert found.states > 500
    assert "--max-states" in found.stopped
    assert seen(NativeSearch(machine_of("sweep", {}), Limits(states=500)).run()) == seen(found)
    small = NativeSearch(machine_of("sweep", {}), Limits(memory=1 << 20)).run()
    assert (small.verdict, small.exit) == ("incomplete", 20)
    assert "--memory" in small.stopped


def test_the_visited_set_grows_without_losing_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(depth=50)
    expected = NativeSearch(machine_of("coalesce", {}), limits, checked=True).run()
    assert expected.states > 13_000
    monkeypatch.setattr("checker.search.storage._FIRST_BITS", 14)
    for storage in ("64", "128", "exact"):
        for jobs in (1, 2):
            found = NativeSearch(machine_of("coalesce", {}), limits, jobs=jobs, storage=storage).run()
            assert seen(found) == seen(expected)


def test_the_printed_probability_of_an_omission() -> None:
    assert Outcome(states=1 << 32, storage="64").omission_probability == pytest.approx(0.3935, abs=1e-3)
    assert Outcome(states=1 << 32, storage="128").omission_probability == pytest.approx(2.7e-20, rel=0.01)
    assert Outcome(states=1 << 32, storage="exact").omission_probability == 0


def test_values_beyond_63_bits_are_refused_with_what_to_do() -> None:
    with pytest.raises(AssumptionError, match="reference engine"):
        NativeSearch(machine_of("quick", {"word_bits": 64}), Limits())


# planted defects: each is seen by the comparison, or by the checks that --checked asks for


def test_a_mask_that_is_too_small_is_seen_by_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path))
    monkeypatch.setattr(
        "checker.native.packing._mask", lambda top, width: ((1 << top.bit_length()) // 2).to_bytes(width, "little")
    )
    with pytest.raises(CheckerError, match="packed"):
        NativeSearch(machine_of("quick", {}), Limits(), checked=True).run()


def test_fingerprints_that_overlook_bytes_lose_states() -> None:
    machine = machine_of("quick", {})
    search = NativeSearch(machine, Limits())
    search.engine.search["words"] -= 3  # fingerprints that overlook the end of the state
    assert search.run().states < 858


@pytest.mark.parametrize("jobs", [1, 2])
def test_full_buffers_end_a_block_early(jobs: int) -> None:
    expected = NativeSearch(machine_of("coalesce", {}), Limits(depth=40)).run()
    search = NativeSearch(machine_of("coalesce", {}), Limits(depth=40), jobs=jobs)
    for w in search.engine.workers:
        w["capacity"] = 200
    assert seen(search.run()) == seen(expected)
