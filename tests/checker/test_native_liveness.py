"""Lassos by machine code: the same on any graph, and in what the command line says of them."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_liveness_graphs import TWO_LOOPS, Case, cases

from checker.cli.main import run
from checker.search import liveness, native_liveness
from checker.search.graph import StateGraph
from checker.search.liveness import find_lasso

LITMUS = ("--spec", str(Path(__file__).parent / "specs" / "liveness"))


@st.composite
def graphs(draw: st.DrawFn) -> StateGraph:
    """Up to forty states, with the marks of two properties."""
    n = draw(st.integers(1, 40))
    graph = StateGraph(expanded=draw(st.integers(max(1, n - 3), n)))
    random = draw(st.randoms(use_true_random=False))
    for s in range(n):
        enabled = 0
        if s < graph.expanded:
            enabled = random.choice((0, 0, 1, 2, 4))
            for _ in range(random.choice((0, 1, 1, 2, 2, 3))):
                thread = random.randrange(3)
                graph.target.append(random.randrange(n))
                graph.thread.append(thread)
                graph.choice.append(0)
                enabled |= 1 << thread
        graph.offsets.append(len(graph.target))
        graph.enabled.append(enabled)
        graph.marks.append(random.choice((0, 0, 1, 1, 1, 2, 3)) << 2 | random.randrange(4))
    return graph


@example(TWO_LOOPS)
@settings(max_examples=500, deadline=None)
@given(cases())
def test_on_small_graphs_it_is_the_reference_engines(case: Case) -> None:
    graph = case.graph()
    expected = liveness.find_stay(graph, 0, case.fair)
    assert native_liveness.find_stay(graph, 0, case.fair) == expected
    assert find_lasso(graph, 0, case.fair, native_liveness.find_stay) == find_lasso(graph, 0, case.fair)


@settings(max_examples=500, deadline=None)
@given(graphs(), st.integers(0, 1), st.sets(st.integers(0, 2)))
def test_on_larger_graphs_entry_prefix_and_components_are_the_reference_engines(
    graph: StateGraph, number: int, fair: set[int]
) -> None:
    assert native_liveness.find_stay(graph, number, sorted(fair)) == liveness.find_stay(graph, number, sorted(fair))


def test_a_component_may_be_longer_than_the_stack_is_deep() -> None:
    n = 200_000
    ring = array("I", [*range(1, n), 0])
    ones = array("Q", [1]) * n
    graph = StateGraph(array("Q", range(n + 1)), ring, bytearray(n), array("I", bytes(4 * n)), ones, ones, n)
    lasso = find_lasso(graph, 0, (0,), native_liveness.find_stay)
    assert lasso is not None
    assert (len(lasso.prefix), len(lasso.loop)) == (0, n)


def test_arrays_of_another_width_are_refused() -> None:
    graph = TWO_LOOPS.graph()
    with pytest.raises(TypeError, match="8 bytes an item, where native code reads 4"):
        native_liveness.find_stay(replace(graph, target=array("Q", graph.target)), 0, ())


def said(capsys: pytest.CaptureFixture[str], engine: str, *words: str) -> dict[str, Any]:
    """The result of a search, without what differs between engines."""
    code = run(["explore", "--no-progress", "--format", "json", "--engine", engine, *words])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == found["exit"]
    return {key: found[key] for key in ("exit", "verdict", "liveness", "properties", "violations", "counterexample")}


@pytest.mark.parametrize("scenario", ["ending", "gate", "names", "neglect", "rounds"])
def test_the_command_line_says_the_same_of_a_litmus(capsys: pytest.CaptureFixture[str], scenario: str) -> None:
    results = [said(capsys, engine, *LITMUS, "--scenario", scenario) for engine in ("native", "python")]
    assert results[0] == results[1]
    assert results[0]["exit"] == 13


def test_the_command_line_says_the_same_of_the_heaps_lasso(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--scenario", "parking", "--variant", "B26", "--property", "every cycle's sweep ends")
    results = [said(capsys, engine, *words) for engine in ("native", "python")]
    assert results[0] == results[1]
    assert results[0]["counterexample"]["loop"] == 41


def test_the_command_line_says_the_same_of_a_bound(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--scenario", "parking", "--depth", "10", "--property", "P19")
    results = [said(capsys, engine, *words) for engine in ("native", "python")]
    assert results[0] == results[1]
    assert results[0]["exit"] == 20
