"""``checker graph`` as a user meets it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
from state_graph_rig import SPECS, hostile, read

from checker.cli.main import run
from checker.load import load
from checker.lowering.machine import Machine
from checker.report.dot import as_dot
from checker.report.state_graph import state_graph


def test_stdout_carries_the_format_and_a_folder_gets_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "folder"
    words = ["graph", "--scenario", "parking", "--depth", "20", "--out", str(out)]
    assert run(words) == 0
    dot = capsys.readouterr()
    assert run([*words, "--format", "graphml", "--quiet"]) == 0
    graphml = capsys.readouterr()
    assert sorted(p.name for p in out.iterdir()) == ["graph.dot", "graph.graphml"]
    assert dot.out == (out / "graph.dot").read_text()
    assert graphml.out == (out / "graph.graphml").read_text()
    assert list(nx.read_graphml(out / "graph.graphml")) == list(read(dot.out)[0])
    assert dot.err == (
        "parking: 37 states, 47 transitions to depth 20, not exhaustive; no violation; "
        f"written to {out}/graph.dot and {out}/graph.graphml\n"
    )
    assert graphml.err == ""


def test_too_large_a_scope_is_refused_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["graph", "--max-nodes", "500", "--out", str(out)]) == 20
    refused = capsys.readouterr()
    assert "quick is too large for --max-nodes 500: 486 states and throws to depth 20, more than 500 at depth 21" in refused.err
    assert "--depth 20" in refused.err
    assert refused.out == ""
    assert not list(tmp_path.iterdir())
    assert run(["graph", "--depth", "20", "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith('digraph "quick" {')
    assert len(nx.read_graphml(out / "graph.graphml")) == 486


def test_a_drawn_violation_is_no_failure_and_strict_draws_known_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["graph", "--variant", "B08", "--depth", "7"]) == 0
    drawn = capsys.readouterr()
    assert "P3 maximal coalescing" in drawn.out
    assert "quick, variant B08: 48 states" in drawn.out
    assert drawn.err.endswith("not exhaustive; 9 nodes and 0 steps that violate something\n")
    for words, shown in ((("--strict",), True), ((), False)):
        assert run(["graph", "--scenario", "scavenge", "--depth", "6", *words]) == 0
        assert ("P11" in capsys.readouterr().out) is shown


def test_reductions_scope_and_atomicity_are_those_of_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--scenario", "parking", "--set", "gc_cycles=1", "--depth", "9", "--format", "graphml")
    sizes = []
    for more in ((), ("--reduce", "none"), ("--atomicity", "fine")):
        assert run(["graph", *words, *more]) == 0
        read_back = nx.parse_graphml(capsys.readouterr().out)
        assert "gc_cycles=1" in read_back.graph["parameters"].split()
        sizes.append((read_back.graph["atomicity"], bool(read_back.graph["reductions"])))
    assert sizes == [("lock", True), ("lock", False), ("fine", True)]


def test_the_format_of_results_in_a_configuration_is_no_matter_of_graphs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "checker.toml").write_text('format = "json"\nscenario = "parking"\ndepth = 3\n')
    monkeypatch.chdir(tmp_path)
    assert run(["graph"]) == 0
    assert capsys.readouterr().out.startswith('digraph "parking" {\n')


def test_the_bytes_are_utf_8_whatever_the_terminal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    spec = load(SPECS / "liveness")
    drawn = state_graph(Machine(spec, spec.scenarios["gate"], {}), max_nodes=9)
    drawn.graph["scenario"] = "\u00e9tat"
    monkeypatch.setattr("checker.report.state_graph.state_graph", lambda *_, **__: drawn)
    assert run(["graph", "--quiet", "--depth", "1"]) == 0
    assert raw.getvalue().decode() == as_dot(drawn)


def test_cells_are_shown_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["graph", "--spec", str(SPECS / "liveness"), "--scenario", "gate", "--quiet"]
    assert run([*words, "--show", "open", "--show", "thr*"]) == 0
    nodes, _ = read(capsys.readouterr().out)
    assert nodes["s1"] == ["1", "open = True", "through = False"]
    assert run([*words, "--show", "shut"]) == 2
    refused = capsys.readouterr()
    assert refused.err == "checker graph: --show shut: no cell of the state has such a name; they are: open, through\n"
    assert refused.out == ""


def test_a_spec_that_fails_is_told_from_a_violation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile(tmp_path)
    source = tmp_path / "hostile" / "__init__.py"
    source.write_text(source.read_text().replace("Range(0, 5)", "Range(0, 2)"))
    assert run(["graph", "--spec", str(source.parent), "--out", str(tmp_path / "out")]) == 75
    failed = capsys.readouterr()
    assert "checker graph: the spec failed while being evaluated in scenario x" in failed.err
    assert failed.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", ["0", "-1", "many"])
def test_no_nodes_are_a_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["graph", "--max-nodes", wrong]) == 2
    assert f"'{wrong}' is not a number of 1 or more" in capsys.readouterr().err


def test_the_verb_costs_nothing_before_it_is_called() -> None:
    program = "import json, sys, checker.cli.graph; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert not {"networkx", "checker.report.state_graph", "checker.lowering.machine", "z3", "llvmlite"} & set(loaded)
