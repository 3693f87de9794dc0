"""State graphs: what a search sees, step by step."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from state_graph_rig import EVIL, SPECS, hostile, machine

from checker.errors import UsageError
from checker.report.state_graph import TooManyNodes, state_graph
from checker.search.breadth_first import BreadthFirst, Limits
from checker.trace.values import Paths

SCOPES: list[tuple[str, dict[str, Any], int | None, int, int]] = [
    ("quick", {}, None, 858, 2119),
    ("parking", {}, None, 144, 214),
    ("parking", {"atomicity": "fine"}, None, 214, 320),
    ("sweep", {}, 24, 890, 1630),
    ("default", {}, 9, 311, 902),
    ("default", {"reductions": ()}, 7, 297, 806),
    ("quick", {"variant": "B08"}, 9, 84, 168),
    ("scavenge", {"explained": False}, 6, 63, 100),
]


@pytest.mark.parametrize(("scenario", "options", "depth", "states", "transitions"), SCOPES, ids=str)
def test_the_graph_is_what_the_search_sees(
    scenario: str, options: dict[str, Any], depth: int | None, states: int, transitions: int
) -> None:
    m = machine(scenario, **options)
    drawn = state_graph(m, max_nodes=1000, depth=depth)
    seen = BreadthFirst(m, Limits(depth=depth), go_on=True).run()
    assert (len(drawn), drawn.number_of_edges()) == (states, transitions) == (seen.states, seen.transitions)
    assert [n for _, n in sorted(Counter(d for _, d in drawn.nodes(data="depth")).items())] == seen.levels
    assert drawn.graph["exhaustive"] == seen.exhaustive == (depth is None)
    assert drawn.graph["depth"] == seen.depth
    violated = {v for _, v in drawn.nodes(data="violated")} | {v for _, _, v in drawn.edges(data="violated")}
    clauses = {clause for text in violated if text for clause in text.split("; ")}
    assert clauses == {f"{v.property} {v.name}: {v.clause}" for v in seen.violations}


@pytest.mark.parametrize(
    ("scenario", "depth", "reductions"), [("quick", 12, None), ("quick", 9, ()), ("default", 8, None), ("stacks", 12, None)]
)
def test_every_edge_is_the_step_that_it_names(scenario: str, depth: int, reductions: tuple[str, ...] | None) -> None:
    """Forms are found again by following, from the initial one, the thread and the choice of each edge."""
    m = machine(scenario, reductions=reductions)
    drawn = state_graph(m, max_nodes=1000, depth=depth, show=["*"])
    forms = {"s0": m.canonical(m.initial())}
    for source, target, step in drawn.edges(data=True):
        thread = m.threads.index(step["thread"])
        names = m.choice_names(forms[source], thread)
        chosen = [
            s.state for s in m.steps(forms[source], thread) if " ".join(map("{}={}".format, names, s.choice)) == step["choice"]
        ]
        assert len(chosen) == 1
        assert forms.setdefault(target, m.canonical(chosen[0])) == m.canonical(chosen[0])
        kind, stack = m.waiting_at(forms[source], thread)
        assert (step["function"], step["begins_at"]) == (stack[-1][0], kind)
        assert step["source"] == f"{m.program.file(stack[-1][0])}:{stack[-1][1]}"
        assert step["ends_at"] == m.waiting_at(chosen[0], thread)[0]
    assert len(set(forms.values())) == len(forms) == len(drawn)
    paths = Paths(m.schema, m.threads)
    for node, form in forms.items():
        cells = paths.cells(m.layout.values(form))
        assert {k: v for k, v in drawn.nodes[node].items() if k.startswith("cell.")} == {
            f"cell.{p}": v for p, v in cells.items()
        }
    assert [drawn.nodes[f"s{i}"]["number"] for i in range(len(drawn))] == list(range(len(drawn)))


def test_a_step_is_about_the_function_that_it_enters_or_goes_on_in() -> None:
    drawn = state_graph(machine("quick"), max_nodes=1000, depth=3)
    (first,) = drawn["s0"]["s1"].values()
    assert (first["thread"], first["function"], first["action"]) == ("mutator", "environment.mutator.mutator", "alloc_m")
    assert (first["choice"], first["begins_at"], first["ends_at"], first["go"]) == ("request=1 slot=0", "choose", "acquire", "")
    second = next(d for _, _, d in drawn.edges(["s1"], data=True) if d["thread"] == "mutator")
    assert (second["function"], second["action"], second["go"]) == ("alloc.alloc_m", "alloc_m", "mheap.go:mheap.alloc_m")
    pooled = state_graph(machine("stacks"), max_nodes=1000, depth=3).edges(data=True)
    deeper = {d["action"] for _, _, d in pooled if (d["begins_at"], d["ends_at"]) == ("acquire", "acquire")}
    assert deeper == {"stackpoolalloc"}, "and not alloc_stack, which it enters"


def test_ends_are_told_apart(tmp_path: Path) -> None:
    stuck = state_graph(machine("circle", SPECS / "liveness"), max_nodes=99)
    assert [n for n, deadlock in stuck.nodes(data="deadlock") if deadlock] == ["s4", "s14"]
    assert {n for n in stuck if not stuck.out_degree(n)} == {"s4", "s14"}
    assert stuck.nodes["s4"]["violated"] == "P26 no deadlock: no thread can step, and not all rest"
    quiet = state_graph(machine("parking"), max_nodes=144)
    assert [n for n, rests in quiet.nodes(data="rests") if rests] == [n for n in quiet if not quiet.out_degree(n)] != []
    assert [n for n, initial in quiet.nodes(data="initial") if initial] == ["s0"]
    cut = state_graph(machine("parking"), max_nodes=144, depth=15)
    assert [n for n, expanded in cut.nodes(data="expanded") if not expanded] == [n for n in cut if not cut.out_degree(n)] != []
    assert not any(deadlock for _, deadlock in cut.nodes(data="deadlock"))
    thrown = state_graph(hostile(tmp_path), max_nodes=7)
    assert [(a, b, said) for a, b, said in thrown.edges(data="thrown") if said] == [("s4", "t0", EVIL)]
    assert thrown.nodes["t0"]["place"] == "hostile/__init__.py:48"


def test_properties_of_steps_and_ends_of_operations_stand_at_the_edges(tmp_path: Path) -> None:
    drawn = state_graph(hostile(tmp_path), max_nodes=7)
    said = {(a, b): v for a, b, v in drawn.edges(data="violated") if v}
    assert said == {
        ("s0", "s2"): "P2 by ones: by one",
        ("s1", "s3"): "P3 bump's end: even; P2 by ones: by one",
        ("s2", "s4"): "P2 by ones: by one",
    }
    assert [n for n, v in drawn.nodes(data="violated") if v] == ["s3", "s4", "s5", "t0"]


def test_shown_cells_are_those_of_the_form() -> None:
    m = machine("quick")
    drawn = state_graph(m, max_nodes=1000, depth=6, show=["mspans[0].state", "free[?].first"])
    cells = Paths(m.schema, m.threads).cells(m.layout.values(m.canonical(m.initial())))
    wanted = [p for p in cells if p == "mspans[0].state" or (p.startswith("free[") and p.endswith("].first"))]
    assert len(wanted) > 2
    assert {k: v for k, v in drawn.nodes["s0"].items() if k.startswith("cell.")} == {f"cell.{p}": cells[p] for p in wanted}
    assert len({v for _, v in drawn.nodes(data="cell.mspans[0].state")}) > 1


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--show mspams\*: no cell .* they are: lock, "):
        state_graph(machine("quick"), max_nodes=1000, show=["lock", "mspams*"])


@pytest.mark.parametrize(("most", "refused"), [(143, True), (144, False)])
def test_as_many_nodes_as_allowed_are_drawn(most: int, refused: bool) -> None:
    if refused:
        with pytest.raises(TooManyNodes):
            state_graph(machine("parking"), max_nodes=most)
    else:
        assert len(state_graph(machine("parking"), max_nodes=most)) == most


def test_throws_are_nodes_too(tmp_path: Path) -> None:
    with pytest.raises(TooManyNodes, match="6: 5 states and throws to depth 2, more than 6 at depth 3"):
        state_graph(hostile(tmp_path), max_nodes=6)
