"""State graphs as DOT and GraphML: whole, inert, and the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import networkx as nx
import pydot
import pytest
from state_graph_rig import EVIL, EVIL_SCENARIO, SPECS, hostile, label, machine, read

from checker.report.dot import as_dot, visible
from checker.report.graphml import as_graphml
from checker.report.state_graph import state_graph


@pytest.mark.parametrize(("scenario", "show"), [("quick", []), ("parking", ["*"])])
def test_graphml_read_back_is_the_graph(scenario: str, show: list[str]) -> None:
    drawn = state_graph(machine(scenario), max_nodes=1000, show=show)
    again = nx.parse_graphml(as_graphml(drawn), force_multigraph=True)
    assert dict(again.nodes(data=True)) == dict(drawn.nodes(data=True))
    assert list(again.edges(keys=True, data=True)) == list(drawn.edges(keys=True, data=True))
    assert {k: again.graph[k] for k in drawn.graph} == drawn.graph


def test_dot_read_by_another_reader_has_the_same_nodes_and_edges() -> None:
    drawn = state_graph(machine("quick", variant="B08"), max_nodes=100, depth=7)
    nodes, edges = read(as_dot(drawn))
    assert list(nodes) == list(drawn)
    assert {k: e[:2] for k, e in edges.items()} == {k: (a, b) for a, b, k in drawn.edges(keys=True)}
    assert edges["e0"][2] == ["mutator: alloc_m request=1 slot=0"]
    assert {n for n, lines in nodes.items() if "P3 maximal coalescing: no free" in lines} == {
        n for n, v in drawn.nodes(data="violated") if v
    }


def looks(drawn: nx.MultiDiGraph) -> tuple[dict[str, str], str]:
    """Shape and style of each node as pydot reads them, and the label of the whole as one line."""
    (parsed,) = pydot.graph_from_dot_data(as_dot(drawn))
    shapes = {n.get_name().strip('"'): f"{n.get('shape')} {n.get('style')}" for n in parsed.get_nodes()}
    return shapes, " ".join(label(parsed.get_graph_defaults()[0]["label"]))


def test_marks_differ_in_shape_and_are_explained(tmp_path: Path) -> None:
    stuck, said = looks(state_graph(machine("circle", SPECS / "liveness"), max_nodes=99))
    assert stuck["s4"] == '"tripleoctagon" None'
    assert "triple octagon, red: deadlock" in said
    assert "violated" not in said
    quiet, said = looks(state_graph(machine("parking"), max_nodes=144).subgraph(["s0", "s141"]))
    assert quiet["s141"] == '"box" None'
    assert "nothing can step, all rest" in said
    cut, said = looks(state_graph(machine("parking"), max_nodes=144, depth=3))
    assert (cut["s3"], cut["s2"]) == ('None "filled,dashed"', "None None")
    assert "dashed: at the bound" in said
    wrong, said = looks(state_graph(hostile(tmp_path), max_nodes=7))
    assert (wrong["s3"], wrong["t0"], wrong["s1"]) == ('"octagon" None', '"box" None', "None None")
    assert "octagon, red: a property is violated; box, red: a throw" in said


def test_hostile_names_are_inert_in_dot(tmp_path: Path) -> None:
    drawn = state_graph(hostile(tmp_path), max_nodes=7, show=["*"])
    dot = as_dot(drawn)
    assert all(c.isprintable() for line in dot.split("\n") for c in line)
    nodes, edges = read(dot)
    assert list(nodes) == ["s0", "s1", "s2", "s3", "s4", "s5", "t0"]
    assert list(edges) == [f"e{i}" for i in range(8)]
    shown = visible(EVIL)
    assert nodes["s0"] == ["0", "n = 0", f"big = {2**64 - 1}", f"word = {shown}"[:57] + "..."]
    assert "".join(nodes["s3"][1:5]) == f"P1 {shown}: {shown}"[:128]
    assert edges["e1"][2] == ["counter: k=2", "P2 by ones: by one"]
    (parsed,) = pydot.graph_from_dot_data(dot)
    assert label(parsed.get_graph_defaults()[0]["label"])[0].startswith(visible(EVIL_SCENARIO)[:57] + "...: 6 states")


def test_a_very_long_name_is_cut_in_dot_and_whole_in_graphml() -> None:
    drawn = state_graph(machine("gate", SPECS / "liveness"), max_nodes=9)
    drawn.graph["scenario"] = long = "g" * 10_000
    for _, _, data in drawn.edges(data=True):
        data.update(thread=long, choice=f"{long}=1", action=long, violated=f"P1 {long}")
    for _, data in drawn.nodes(data=True):
        data.update({"violated": f"P1 {long}", **{f"cell.{i}{long}": 1 for i in range(40)}})
    nodes, edges = read(as_dot(drawn))
    assert all(len(line) <= 60 for lines in [*nodes.values(), *(e[2] for e in edges.values())] for line in lines)
    assert max(len(lines) for lines in nodes.values()) == 1 + 5 + 17
    assert nodes["s0"][-1] == "and 24 more cells"
    again = nx.parse_graphml(as_graphml(drawn), force_multigraph=True)
    assert dict(again.nodes(data=True)) == dict(drawn.nodes(data=True))


def test_hostile_names_are_inert_in_graphml(tmp_path: Path) -> None:
    drawn = state_graph(hostile(tmp_path), max_nodes=7, show=["*"])
    text = as_graphml(drawn)
    assert text.isascii()
    assert all(c.isprintable() for line in text.split("\n") for c in line)
    tags = {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(text).iter()}
    assert tags == {"graphml", "key", "graph", "node", "edge", "data"}
    again = nx.parse_graphml(text, force_multigraph=True)
    shown = visible(EVIL)
    assert again.nodes["s3"]["violated"] == f"P1 {shown}: {shown}"
    assert again.nodes["s0"]["cell.word"] == shown
    assert again["s4"]["t0"]["e7"]["thrown"] == shown
    assert again.graph["scenario"] == visible(EVIL_SCENARIO)
    assert again.graph["parameters"] == f"word_bits=64 gen_bits=4 mood={shown}"
    assert again.nodes["s0"]["cell.n"] == 0
    assert again.nodes["s0"]["cell.big"] == str(2**64 - 1), "GraphML has no integer as wide"


def test_the_bytes_do_not_depend_on_the_order_of_hashes(tmp_path: Path) -> None:
    hostile(tmp_path)
    program = (
        "import sys; from pathlib import Path; from checker.load import load; from checker.lowering.machine import Machine; "
        "from checker.report.dot import as_dot; from checker.report.graphml import as_graphml; "
        "from checker.report.state_graph import state_graph; s = load(Path(sys.argv[1])); (scenario,) = s.scenarios.values(); "
        "g = state_graph(Machine(s, scenario, {}), max_nodes=7, show=['*']); sys.stdout.write(as_dot(g) + as_graphml(g))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "hostile")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(texts) == 1
    assert b"even; P2 by ones" in texts.pop()
