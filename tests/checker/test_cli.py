"""The command line as a user meets it: verdicts, exit codes, and errors without a traceback."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.cli.main import run
from checker.load import load
from checker.load.package import INSTALLED


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    as_found = words[:1] == ("explore",) and "--minimise-budget" not in words
    code = run((*words, "--minimise-budget", "0") if as_found else words)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def explored(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, _ = call(capsys, "explore", "--format", "json", *words)
    document: dict[str, Any] = json.loads(out)
    assert document["exit"] == code
    return document


def test_a_completed_depth_bound_is_success_but_not_exhaustive(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "explore", "--depth", "6")
    assert code == 0
    assert out.startswith("quick: no violation to depth 6; not exhaustive\n")


def test_the_quick_scope_closes_and_everything_happens_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    r = explored(capsys)
    assert (r["verdict"], r["exhaustive"], r["depth"]) == ("ok", True, 37)
    for event in (
        "growth",
        "split",
        "coalescing with the earlier span",
        "coalescing with the later span",
        "release",
        "allocation from released memory",
    ):
        assert r["landmarks"][event] > 0, event


def test_the_result_has_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    r = explored(capsys, "--depth", "4", "--variant", "B05")
    documented = (
        "verdict exit scenario parameters atomicity exhaustive depth states transitions omission_probability seconds "
        "states_per_second peak_memory_bytes reductions known_findings properties counterexample"
    )
    assert set(documented.split()) <= set(r)
    assert set(r["seconds"]) == {"total", "compile", "search"}
    row = {"id", "name", "verdict", "antecedent_reached", "witness", "meaning", "definition"}
    assert {frozenset(p) for p in r["properties"]} == {frozenset(row)}
    step = r["counterexample"]["steps"][-1]
    assert {"index", "thread", "action", "args", "source", "go", "changed"} <= set(step)
    assert step["index"] == 2
    assert (r["verdict"], r["exit"], r["counterexample"]["property"]) == ("violation", 12, "P7")


def test_applying_the_changes_of_each_step_gives_the_last_state(capsys: pytest.CaptureFixture[str]) -> None:
    steps = explored(capsys, "--variant", "B08")["counterexample"]["steps"]
    seen: dict[str, str] = {}
    for step in steps:
        for cell, (before, after) in step["changed"].items():
            assert seen.get(cell, before) == before
            seen[cell] = after
    assert seen["free[1].first"] == "mspans[0]"


def test_known_findings_are_listed_and_strict_makes_them_violations(capsys: pytest.CaptureFixture[str]) -> None:
    plain = explored(capsys, "--scenario", "scavenge", "--depth", "6")
    assert [f["id"] for f in plain["known_findings"]] == ["F1"]
    assert plain["exit"] == 0
    strict = explored(capsys, "--scenario", "scavenge", "--depth", "6", "--strict")
    assert (strict["exit"], strict["counterexample"]["property"]) == (12, "P11")


def test_a_bound_that_was_hit_never_reads_as_success(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "explore", "--scenario", "default", "--max-states", "100")
    assert code == 20
    assert "incomplete" in out
    assert "exhaustive" not in out.splitlines()[0]


def test_continue_reports_the_shortest_of_each_clause(capsys: pytest.CaptureFixture[str]) -> None:
    r = explored(capsys, "--scenario", "scavenge", "--strict", "--continue", "--depth", "15")
    found = {(v["property"], v["clause"]): v["steps"] for v in r["violations"]}
    assert sorted(found.values()) == [5, 14]
    assert r["counterexample"]["property"] == "P11"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["explore", "--depth", "x"], 2, "is not a number of 0 or more"),
        (["explore", "--depth", "-1"], 2, "is not a number"),
        (["explode"], 2, "invalid choice"),
        ([], 2, "VERB"),
        (["explore", "--scenario", "nowhere"], 2, "no scenario 'nowhere'; this spec has: chunks"),
        (["explore", "--variant", "B99"], 2, "no variant 'B99'"),
        (["explore", "--property", "P99"], 2, "no property 'P99'"),
        (["explore", "--set", "held"], 2, "is not KEY=VALUE"),
        (["explore", "--memory", "lots"], 2, "is not a size"),
        (["explore", "--set", "helt=1"], 10, "unknown parameter 'helt'"),
        (["explore", "--set", "held=99"], 10, "held=99 is out of range: 1..8 allowed"),
        (["explore", "--set", "phys_page_size=3"], 10, "not a power of two"),
        (["explore", "--set", "heap_alloc_chunk=2"], 10, "a normal growth must land in freelarge"),
        (["explore", "--spec", "/nonexistent"], 120, "no such folder"),
        (["validate", "/nonexistent"], 150, "/nonexistent"),
    ],
)
def test_bad_input_gets_its_exit_code_and_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, says: str
) -> None:
    seen, out, err = call(capsys, *words)
    assert (seen, says in err, out) == (code, True, ""), err
    assert "Traceback" not in err


def test_a_spec_outside_the_language_is_refused_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "heap.py").write_text(
        "from __future__ import annotations\n"
        "from typing import Annotated\n"
        "from spec.language import Parameters, Range, Scenario, Thread, parameter, step\n"
        "class K(Parameters):\n"
        "    word_bits = parameter(8, doc='bits')\n"
        "    gen_bits = parameter(8, doc='bits')\n"
        "k = K()\n"
        "class Root:\n"
        "    x: Annotated[int, Range(0, 3)]\n"
        "def initial(r: Root) -> None:\n"
        "    r.x = len([1, 2])\n"
        "def run(r: Root) -> None:\n"
        "    step()\n"
        "S = Scenario('only', 'none', Root, initial, (Thread(run),))\n"
    )
    code, _, err = call(capsys, "explore", "--spec", str(tmp_path))
    assert code == 120
    assert "heap.py:11" in err
    (tmp_path / "heap.py").write_text("def broken(:\n")
    code, _, err = call(capsys, "explore", "--spec", str(tmp_path))
    assert (code, "heap.py:1" in err) == (120, True)


def test_a_log_of_garbage_is_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\x00\xff garbage\n")
    code, _, err = call(capsys, "validate", str(log))
    assert code == 150
    assert f"{log}:1" in err


def test_the_result_file_is_written_and_the_terminal_still_speaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "explore", "--depth", "3", "--out", str(tmp_path / "new"))
    assert code == 0
    assert "no violation to depth 3" in out
    assert json.loads((tmp_path / "new" / "explore.json").read_text())["depth"] == 3
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["explore.json", "junit.xml", "results.sarif"]


def test_the_configuration_file_gives_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("checker.toml").write_text("scenario = 'growth'\ndepth = 2\n[set]\nheld = 1\n")
    r = explored(capsys)
    assert (r["scenario"], r["depth"], r["parameters"]["held"]) == ("growth", 2, 1)
    monkeypatch.setenv("CHECKER_DEPTH", "3")
    assert explored(capsys)["depth"] == 3
    assert explored(capsys, "--depth", "1")["depth"] == 1
    Path("checker.toml").write_text("dept = 2\n")
    code, _, err = call(capsys, "explore")
    assert (code, "unknown key 'dept'" in err) == (151, True)
    Path("checker.toml").write_text("depth = = 2\n")
    assert call(capsys, "explore")[0] == 151


def test_a_counterexample_names_the_command_that_shows_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    shelf = ("--spec", str(Path(__file__).parent / "specs" / "shrink"), "--scenario", "full")
    first = explored(capsys, *shelf, "--minimise-budget", "1000000")["counterexample"]
    words = shlex.split(first["command"])
    assert words.pop(0) == "checker"
    again = explored(capsys, *words[1:], "--minimise-budget", "1000000")["counterexample"]
    assert (again["property"], again["clause"], again["witness"]) == (first["property"], first["clause"], first["witness"])
    assert again["steps"] == first["steps"]
    assert again["scope"] == first["scope"]
    assert {r["after"] - r["before"] for r in again["minimised"]["reductions"]} == {0}


def test_heavy_libraries_are_not_imported_for_help() -> None:
    code = (
        "import sys, checker.cli.main as m; m.run(['--help']); print(sorted({'z3', 'llvmlite', 'greenlet'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_throw_is_reported_even_when_one_property_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "spec"
    shutil.copytree(INSTALLED, copy)
    text = (copy / "grow.py").read_text()
    (copy / "grow.py").write_text(text.replace("    s.state = IN_USE\n", "    s.state = 2\n"))
    r = explored(capsys, "--spec", str(copy), "--property", "P3")
    assert (r["exit"], r["verdict"], r["counterexample"]["property"]) == (14, "violation", "P6")
    assert r["counterexample"]["steps"][-1]["thrown"] == "MHeap_FreeSpanLocked - invalid span state"


def test_an_internal_error_has_its_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("checker.cli.main._verb", lambda args: 1 // 0)
    code, _, err = call(capsys, "explore")
    assert (code, "internal error (ZeroDivisionError" in err) == (255, True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_search_with_a_summary(number: int, code: int) -> None:
    command = [sys.executable, "-m", "checker", "explore", "--scenario", "default"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        child.stderr.readline()  # the first level is done: the search is under way
        child.send_signal(number)
        out, _ = child.communicate()
    assert (child.returncode, out.splitlines()[0].startswith("default: incomplete: stopped by an interrupt")) == (code, True)


@pytest.mark.parametrize("name", sorted(load().variants))
def test_every_known_bug_can_be_explored(capsys: pytest.CaptureFixture[str], name: str) -> None:
    v = load().variants[name]
    words = [w for k, x in v.parameters.items() for w in ("--set", f"{k}={x}")]
    engine = "native" if name == "B08" else "python"  # to compile each takes longer than to search it
    r = explored(capsys, "--variant", name, "--scenario", v.scenario, "--depth", "3", "--engine", engine, *words)
    assert r["exit"] in (0, 12)
