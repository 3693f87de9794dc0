"""The HTML report says all that a trace says, and takes nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from html_rig import RUNS, TEXTS, article, data, deadlock, drawn, hostile, lasso, made, page, raw, recorded
from html_tree import Node

from checker.report.html import render
from checker.report.html.page import SCRIPTS, STYLES
from checker.report.style import inert
from checker.trace.trace import Cause, Minimised, Reduction, Trace, TraceCall
from spec.language import Block, Strip

# Nothing from outside.


def test_the_policy_allows_the_rooms_own_style_and_script_alone() -> None:
    tree = page(recorded("B01"))
    (policy,) = [
        n.attributes["content"] for n in tree.all("meta") if n.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    digests = {t: base64.b64encode(hashlib.sha256(raw(tree, t).encode()).digest()).decode() for t in ("style", "script")}
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_style_and_script_name_no_other_place_and_make_no_markup() -> None:
    tree = page(recorded("B01"))
    for text in (raw(tree, "style"), raw(tree, "script")):
        assert not re.search(r"(?i)https?:|//\w|url\(|@import|\bimport\b|fetch|XMLHttp|WebSocket|sendBeacon", text)
        assert not re.search(r"(?i)innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|\.srcdoc|<\w", text)


def test_all_files_of_the_room_are_in_the_page() -> None:
    room = {f.name for f in files("checker.report.html").iterdir() if f.name.endswith((".css", ".js"))}
    assert room == {*STYLES, *SCRIPTS}
    text = render(lasso())
    for name in room:
        assert (files("checker.report.html") / name).read_text(encoding="utf-8") in text


def test_the_bytes_do_not_depend_on_the_order_of_hashes() -> None:
    code = "from checker.report.html import render; from html_rig import made; print(render(made(3, 5)))"
    for seed in ("1", "2"):
        env = {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join((".", str(Path(__file__).parent))),
            "PYTHONIOENCODING": "utf-8",
        }
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        assert run.stdout == render(made(3, 5)).encode() + b"\n"


# What it says.


@pytest.mark.parametrize("run", ["recorded", "made"])
def test_each_change_of_each_step_can_be_read_without_a_script(run: str) -> None:
    trace = RUNS[run]()
    tree = page(trace)
    assert trace.cause is not None
    read_by_clause = {r.cell for r in trace.cause.reads}
    for s in trace.steps:
        found = set()
        for table in article(tree, s.index).all("table"):
            owner = table.one("caption").text()
            for row in table.one("tbody").all("tr"):
                name, before, _, after = row.children
                assert isinstance(name, Node)
                assert isinstance(before, Node)
                assert isinstance(after, Node)
                ghost = "ghost" in (*row.classes(), *table.classes())
                field = name.text().removesuffix(" read by the clause")
                found.add(("" if owner == "the root" else owner, field, before.text(), after.text(), ghost))
        expected = {(*_split(c.cell), str(c.before), str(c.after), c.ghost and c.cell not in read_by_clause) for c in s.changed}
        assert found == expected


def _split(cell: str) -> tuple[str, str]:
    owner, _, name = cell.rpartition(".")
    return owner, name


def test_a_ghost_that_the_clause_reads_is_not_hidden() -> None:
    trace = recorded("B02")
    assert trace.cause is not None
    cells = {r.cell for r in trace.cause.reads}
    assert cells <= trace.ghosts
    tables = article(page(trace), len(trace.steps)).all("table")
    rows = [r for t in tables if "ghost" not in t.classes() for r in t.all("tr") if "ghost" not in r.classes()]
    assert {"bad_start read by the clause", "bad_length read by the clause"} <= {r.one("th").text() for r in rows}


def test_a_step_says_call_place_choice_and_where_it_stops() -> None:
    trace = recorded("B01")
    tree = page(trace)
    for s in trace.steps:
        said = article(tree, s.index).text()
        call = f"{s.action} (" + ", ".join(f"{k}={v}" for k, v in s.args) + ")"
        assert said.startswith(f"Step {s.index} {s.thread} {call}")
        assert s.source in said
        assert s.go in said
        assert f"from {s.begins_at} to {s.ends_at}" in said
        for k, v in s.choice:
            assert f"{k}={v}" in said
    assert "… has given the lock back" in article(tree, 2).one("h3").text()


def test_calls_stand_inside_each_other_as_they_were_made() -> None:
    trace = recorded("B01")
    calls = trace.steps[1].calls
    items = article(page(trace), 2).one("details", "calls").all("li")
    assert len(items) == len(calls)
    depths = [sum(item in outer.all("li") for outer in items) - 1 for item in items]
    assert depths == [c.depth for c in calls]
    for item, c in zip(items, calls, strict=True):
        said = item.one("code") if not item.all("ul") else next(iter(item.all("code")))
        name = (c.go.rpartition(":")[2] if c.go else c.function.rpartition(".")[2]) + " ("
        assert said.text().startswith(name)
        own = [n.text() for n in item.children if isinstance(n, Node) and "state" in n.classes()]
        assert own == [*([] if c.began else ["began earlier"]), *([] if c.ended else ["not returned"])]


def test_calls_of_any_depth_do_not_exhaust_the_stack() -> None:
    trace = made(1, 2)
    depths = [*range(1200), *range(1200, -1200, -1), 7, 3, 9]
    calls = tuple(TraceCall("m.f", "", (), None, depth, True, True) for depth in depths)
    tree = page(replace(trace, steps=(replace(trace.steps[0], calls=calls),)))
    assert len(article(tree, 1).one("details", "calls").all("li")) == len(depths)


def test_the_parts_come_in_the_order_of_the_contract() -> None:
    assert _sections(recorded("B01")) == ["cause", "scope", "run", "last", "needs", "again"]
    assert _sections(lasso()) == ["scope", "run", "loop", "again"]
    assert _sections(deadlock()) == ["scope", "run", "waits", "again"]
    tree = page(recorded("B01"))
    assert [n.tag for n in tree.one("body").children if isinstance(n, Node)][:3] == ["a", "header", "main"]


def _sections(trace: Trace) -> list[str | None]:
    return [n.attributes["id"] for n in page(trace).one("main").all("section")]


def test_the_verdict_says_property_clause_witness_exit_code_and_length() -> None:
    trace = recorded("B01")
    said = page(trace).one("header").text()
    assert f"Safety violation P10 scavenger completeness: {trace.clause}" in said
    assert "span mspans[1] page 2 now 255 limit 0" in said
    assert "scenario quick variant B01 exit code 12 steps 4" in said
    assert "Shortest: yes, no violation in fewer than 4 steps." in said
    assert trace.meaning in said
    assert trace.definition in said


def test_the_history_of_what_the_clause_reads() -> None:
    trace = made(9, 1)
    assert trace.cause is not None
    row = page(trace).one("section", id="cause").one("tbody").one("tr")
    later = "".join(f", then {i} by step {i} " for i in range(4, 10))
    assert row.text() == f"page[0].uses 9 …{later}".rstrip()
    assert [a.attributes["href"] for a in row.all("a")] == [f"#step={i}" for i in range(4, 10)]
    short = page(made(2, 1)).one("section", id="cause").one("tbody").one("tr").text()
    assert short == "page[0].uses 2 0 at first, then 1 by step 1 , then 2 by step 2"


def test_many_cells_that_the_clause_reads_are_folded() -> None:
    trace = made(12, 12)
    assert trace.cause is not None
    reads = tuple(replace(trace.cause.reads[0], cell=f"page[{i}].uses") for i in range(12))
    cause = page(replace(trace, cause=replace(trace.cause, reads=reads))).one("section", id="cause")
    assert len(cause.all("tbody")) == 2
    assert len(cause.one("details").all("tr")) == 1 + 4


@pytest.mark.parametrize(
    ("minimised", "said"),
    [
        (
            Minimised((Reduction("steps", 41, 5), Reduction("pages", 16, 3), Reduction("threads", 2, 2)), 1234, 5678, True, ""),
            "steps 41 → 5 pages 16 → 3 Minimised; 1,234 tries, 5,678 search steps; minimal: every single reduction was tried",
        ),
        (
            Minimised((), 3, 4, False, "the budget"),
            "Nothing could be made smaller; 3 tries, 4 search steps; perhaps not minimal: stopped by the budget.",
        ),
    ],
)
def test_the_scope_says_what_minimising_did(minimised: Minimised, said: str) -> None:
    assert said in page(replace(made(2, 2), minimised=minimised)).one("section", id="scope").text()


def test_a_scope_that_was_not_minimised_says_nothing_of_it() -> None:
    assert "tries" not in page(replace(made(2, 2), minimised=None)).one("section", id="scope").text()


def test_the_film_has_a_row_for_each_state_and_outlines_what_changed() -> None:
    trace = made(9, 8)
    rows = page(trace).one("div", "film").all("li", "row")
    assert [r.attributes["id"] for r in rows] == [f"step={i}" for i in range(10)]
    for i, row in enumerate(rows):
        now = next(p for p in trace.pictures[i] if isinstance(p, Strip)).blocks
        before = next(p for p in trace.pictures[max(i - 1, 0)] if isinstance(p, Strip)).blocks
        cells = row.one("span", "strip").all("i")
        assert [c.text() for c in cells] == [b.mark.strip() for b in now]
        assert ["c" in c.classes() for c in cells] == [a != b for a, b in zip(now, before, strict=True)]


def test_neighbours_with_one_owner_are_joined_and_told_apart_from_the_next() -> None:
    blocks = tuple(Block("used", "#", (), owner) for owner in ("a", "a", "b", "", "", "a"))
    strip = page(drawn((Strip("m", blocks),), (Strip("m", blocks),))).one("div", "film").all("span", "strip")[0]
    assert [len(run.all("i")) for run in strip.all("b")] == [2, 1, 2, 1]
    assert [run.attributes["title"] for run in strip.all("b")] == ["0 to 1 used, a", "2 used, b", "3 to 4 used", "5 used, a"]
    assert strip.attributes["aria-label"] == "m: 0 to 1 used, a; 2 used, b; 3 to 4 used; 5 used, a"


def test_kinds_and_marks_have_a_look_of_their_own_each_and_a_legend() -> None:
    kinds = [Block(f"kind{i}", chr(ord("a") + i), (f"mark{i}",)) for i in range(10)]
    blocks = (Block("nothing", " "), *kinds)
    tree = page(drawn((Strip("m", blocks),), (Strip("m", blocks),)))
    cells = tree.one("div", "film").all("span", "strip")[0].all("i")
    looks = [frozenset(c.classes()) for c in cells]
    assert len(set(looks)) == len(looks)
    assert looks[0] == {"kb"}
    assert looks[1] == {"k0", "m0"}
    assert looks[9] == {"k0", "kx", "mx"}
    legend = tree.one("ul", "legend")
    assert [n.text() for n in legend.all("li")][:3] == ["nothing", "a kind0", "b kind1"]
    assert {f"mark{i}" for i in range(10)} <= {n.text() for n in legend.all("li")}
    styles = "".join((files("checker.report.html") / name).read_text() for name in STYLES)
    for name in ("kb", "kx", "mx", *(f"k{i}" for i in range(8)), *(f"m{i}" for i in range(6))):
        assert re.search(rf"^\.{name} {{", styles, re.MULTILINE), name


def test_of_marks_that_occur_together_the_first_named_looks_alike_in_most_runs() -> None:
    late, both = Block("k", "#", ("late",)), Block("k", "#", ("early", "late"))
    tree = page(drawn((Strip("m", (late, both)),), (Strip("m", (late, both)),)))
    assert [n.text() for n in tree.one("ul", "legend").all("li")][1:3] == ["early", "late"]


def test_the_last_state_is_drawn_with_owners_lines_and_lists() -> None:
    trace = recorded("B02")
    last = page(trace).one("section", id="last")
    assert last.one("h2").text() == "Last state (13)"
    assert [n.text() for n in last.one("figure").all("span", "owner")] == ["mspans[0]", "mspans[2]", "mspans[1]"]
    assert [n.text() for n in last.one("figure").all("i")] == ["# 0", ". 1", "# 2", "# 3"]
    assert [n.text() for n in last.all("li", "chain")] == ["free[1] mspans[2]", "busy[1] mspans[0]", "busy[2] mspans[1]"]
    assert last.one("p", "empty").text().startswith("empty: free[0], free[2], ")
    assert last.one("p", "line").text() == "spans mspans[0]=0..0 mspans[1]=2..3 mspans[2]=1..1"


def test_lanes_show_who_is_inside_a_call_and_where_another_thread_goes_on() -> None:
    trace = made(8, 3)
    rows = page(trace).one("div", "film").all("li", "row")
    inside: set[str] = set()
    for s, row in zip(trace.steps, rows[1:], strict=True):
        lanes = row.one("span", "lanes").children
        mine = trace.scope.threads.index(s.thread)
        for i, lane in enumerate(lanes):
            assert isinstance(lane, Node)
            assert ("idle" in lane.classes()) == (i != mine)
            assert ("in" in lane.classes()) == (i != mine and trace.scope.threads[i] in inside)
        box = row.one("a", "box")
        assert s.thread in box.text()
        assert ("from" in box.classes()) == (s.thread in inside)
        within = any(c.depth > 0 and not c.ended for c in s.calls) or s.ends_at == "acquire"
        assert ("on" in box.classes()) == within
        inside = inside - {s.thread} | ({s.thread} if within else set())
        switched = s.index > 1 and trace.steps[s.index - 2].thread != s.thread
        assert ("switch" in row.classes()) == switched == ("another thread goes on" in row.text())
    assert inside


def test_the_step_that_breaks_the_clause_and_the_one_that_shows_it_are_flagged() -> None:
    trace = made(5, 3)
    tree = page(replace(trace, cause=Cause(3, 5, "Step 3 made it false.", (), ())))
    bad = [r.attributes["id"] for r in tree.one("div", "film").all("li", "bad")]
    assert bad == ["step=3", "step=5"]
    assert article(tree, 3).one("p", "alarm").text() == "P1 is broken here: holds"
    assert article(tree, 5).one("p", "alarm").text() == "P1 is due here, and does not hold"
    assert data(tree)["start"] == 3


def test_a_step_that_breaks_and_shows_it_has_one_flag() -> None:
    trace = recorded("B02")
    assert trace.cause is not None
    assert trace.cause.step == trace.cause.seen == len(trace.steps)
    assert [p.text() for p in page(trace).all("p", "alarm")] == ["P9 is broken here: not empty"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("real", "again in the real order, which is shown."),
        ("dependent", "the real order was not found to show it."),
        ("undecided", "the search for a real order that shows it was given up."),
        ("", ""),
    ],
)
def test_the_verdict_says_what_is_known_of_the_real_order(order: str, said: str) -> None:
    header = page(replace(made(2, 2), order=order)).one("header").text()
    assert said in header
    assert ("order" in header) == bool(order)


def test_a_lasso_is_not_looked_for_in_the_real_order() -> None:
    assert "a lasso is not looked for again" in page(replace(lasso(), order="undecided")).one("header").text()


def test_a_throw_is_flagged_with_its_message_and_place() -> None:
    trace = made(3, 3)
    thrown = replace(trace.steps[-1], thrown="bad sweep", ends_at="throw")
    tree = page(replace(trace, steps=(*trace.steps[:-1], thrown), exit=14, place="made.py:7", cause=None))
    assert tree.one("header").text().startswith("Throw of the heap P1")
    assert "Thrown at made.py:7." in tree.one("header").text()
    assert article(tree, 3).one("p", "alarm").text() == "throw: bad sweep"


def test_a_lasso_marks_its_loop_and_says_how_fair_it_is() -> None:
    trace = lasso()
    tree = page(trace)
    film = tree.one("div", "film")
    assert trace.loop == 0
    assert [n.text() for n in film.all("li", "note")] == ["loop: from here", "loop: back to state 0, for ever"]
    assert ["looped" in r.classes() for r in film.all("li", "row")] == [False, True, True]
    said = tree.one("section", id="loop").text()
    assert "A run of 0 steps to a loop of 2 steps: back to state 0, for ever ." in said
    assert "keeper throughout takes steps" in said
    assert "guest not always takes none" in said


def test_a_last_state_that_lasts_for_ever_is_no_loop_of_steps() -> None:
    trace = replace(lasso(), loop=2)
    tree = page(trace)
    assert [n.text() for n in tree.one("div", "film").all("li", "note")] == ["state 2 lasts for ever"]
    assert "state 2 lasts for ever" in tree.one("section", id="loop").text()


def test_a_deadlock_says_who_waits_for_whom() -> None:
    tree = page(deadlock())
    said = tree.one("section", id="waits").text()
    assert "In a circle: first → second → first" in said
    assert "first waits for inner.lock, held by second liveness/circle.py:32 proc.go:first" in said
    assert article(tree, 2).one("p", "alarm").text() == "no thread can step, and not all rest"


def test_steps_that_are_needed_alike_stand_together() -> None:
    trace = made(4, 2)
    assert trace.cause is not None
    needs = tuple(
        replace(n, needed=n.step != 4, lost=f"step {9 if n.step < 3 else 8} cannot be taken") for n in trace.cause.needs
    )
    tree = page(replace(trace, cause=replace(trace.cause, needs=needs)))
    rows = tree.one("section", id="needs").one("tbody").all("tr")
    assert [r.text() for r in rows] == [
        "step 1 to step 2 step 9 cannot be taken",
        "step 3 step 8 cannot be taken",
        "step 4 not needed: the others still show the violation",
    ]
    assert "Not every step is needed." in tree.one("section", id="needs").text()
    assert "Without it: step 9 cannot be taken." in article(tree, 2).text()
    assert "Every step is needed." in page(made(4, 2)).one("section", id="needs").text()


def test_the_command_the_seed_and_the_origin_come_last() -> None:
    trace = replace(made(2, 2), command="checker replay 'a b.json'", seed=42, tool="1.2.3", spec="feed" * 16)
    said = page(trace).one("section", id="again").text()
    assert said == f"Run it again checker replay 'a b.json' seed 42 spec {'feed' * 16} version 1.2.3"


def test_a_run_without_violation_pictures_or_steps_has_a_page() -> None:
    none = replace(
        made(0, 1),
        exit=0,
        property="",
        name="",
        clause="",
        meaning="",
        witness=(),
        cause=None,
        minimised=None,
        pictures=(),
        initial=(),
    )
    tree = page(none)
    assert tree.one("h1").text() == "A run that violates nothing"
    assert not tree.all("ul", "legend")
    assert data(tree) == {"start": 0, "cells": [], "changes": [], "blocks": [], "pictures": []}
    some = page(replace(made(3, 2), pictures=()))
    assert not some.all("span", "strip")
    assert len(some.all("article")) == 4


# The data for the script.


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("text", ["", TEXTS[0], TEXTS[10]])
def test_the_data_are_the_states_of_the_run(run: str, text: str) -> None:
    trace = hostile(RUNS[run](), text)
    found = data(page(trace))
    cells, changes = found["cells"], found["changes"]
    assert isinstance(cells, list)
    assert isinstance(changes, list)
    assert [bool(c[2]) for c in cells] == [cell in trace.ghosts for cell, _ in trace.initial]
    values = [c[1] for c in cells]
    for i, state in enumerate(trace.states()):
        for cell, value in changes[i - 1] if i else ():
            values[cell] = value
        assert dict(zip((c[0] for c in cells), values, strict=True)) == {inert(k): inert(v) for k, v in state.items()}


def test_a_cell_that_state_0_does_not_have_is_shown_all_the_same() -> None:
    trace = replace(made(2, 2), initial=())
    found = data(page(trace))
    assert found["cells"] == [["page[1].uses", "", 0, 0], ["turn", "", 1, 0], ["page[0].uses", "", 0, 1]]


# For all readers.


@pytest.mark.parametrize("run", RUNS)
def test_the_page_has_landmarks_a_language_and_headings_in_order(run: str) -> None:
    tree = page(RUNS[run]())
    assert tree.one("html").attributes["lang"] == "en"
    assert tree.one("title").text()
    tree.one("header")
    tree.one("main")
    levels = [int(n.tag[1]) for n in tree.walk() if re.fullmatch(r"h[1-6]", n.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    ids = [n.attributes["id"] for n in tree.walk() if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    for node in tree.walk():
        for name in ("aria-labelledby", "for"):
            assert node.attributes.get(name, ids[0]) in ids
        if node.tag == "button":
            assert node.attributes["aria-label"]
        if node.attributes.get("role") == "img":
            assert node.attributes["aria-label"]
        if node.tag == "input":
            labelled = any(node in label.all("input") for label in tree.all("label"))
            assert labelled or node.attributes["aria-label"]
