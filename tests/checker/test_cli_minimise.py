"""`checker minimise` and `checker simulate` on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.cli.main import run

SHELF = ("--spec", str(Path(__file__).parent / "specs" / "shrink"))


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a command."""
    code = run([*words, "--format", "json", "--no-progress"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


@pytest.fixture
def stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A counterexample as it was found, with two workers, four cells and the ticker."""
    out = tmp_path / "found"
    assert called(capsys, "explore", *SHELF, "--scenario", "full", "--minimise-budget", "0", "--out", str(out))[0] == 12
    return out / "counterexample.itf.json"


def test_a_stored_trace_is_minimised(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, r = called(capsys, "minimise", str(stored), *SHELF)
    c = r["counterexample"]
    assert (code, r["exit"], c["shortest"], c["scope"]["without"]) == (12, 12, True, ["ticker"])
    assert c["scope"]["parameters"] == {"workers": 1, "cells": 1, "reserve": 1, "largest": 3, "full": 3}
    assert c["minimised"]["minimal"] is True
    assert {x["name"]: (x["before"], x["after"]) for x in c["minimised"]["reductions"]} == {
        "steps": (2, 2),
        "threads": (3, 1),
        "workers": (2, 1),
        "cells": (4, 1),
        "reserve": (4, 1),
    }
    assert all(n["needed"] for n in c["cause"]["needs"])


def test_explore_does_the_same_by_itself(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, by_hand = called(capsys, "minimise", str(stored), *SHELF)
    _, alone = called(capsys, "explore", *SHELF, "--scenario", "full")
    for key in ("steps", "scope", "witness", "cause", "command"):
        assert alone["counterexample"][key] == by_hand["counterexample"][key]


def test_all_files_are_the_same_twice(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        called(capsys, "minimise", str(stored), *SHELF, "--out", str(folder))
    names = sorted(p.name for p in folders[0].iterdir())
    assert names == ["counterexample.html", "counterexample.itf.json", "counterexample.mmd", "minimise.json"]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_what_is_minimal_stays_as_it_is(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    called(capsys, "minimise", str(stored), *SHELF, "--out", str(tmp_path / "small"))
    _, again = called(capsys, "minimise", str(tmp_path / "small" / "counterexample.itf.json"), *SHELF)
    assert all(x["before"] == x["after"] for x in again["counterexample"]["minimised"]["reductions"])


ORACLE = """
import json, sys
data = json.load(open(sys.argv[1]))
cells = [int(c["#bigint"]) for c in data["states"][-1]["cell"]]
sys.exit(0 if sum(cells) >= 2 else 1)
"""


def test_an_oracle_decides_what_is_kept(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "oracle.py"
    script.write_text(ORACLE)
    code, r = called(capsys, "minimise", str(stored), *SHELF, "--oracle", f"{sys.executable} {script} {{}}")
    c = r["counterexample"]
    assert (code, c["exit"], c["property"]) == (0, 0, "")  # two is not full, but it is what the oracle wants
    assert [s["action"] for s in c["steps"]] == ["put", "put"]
    assert c["steps"][0]["choice"] == {"cell": 0, "amount": 2}
    assert c["scope"]["parameters"]["cells"] == 1


@pytest.mark.parametrize(
    ("oracle", "said"),
    [
        ("false", "does not want the trace as it is"),
        ("/no/such/command", "cannot be executed"),
        ("'", "is no command"),
        ("", "needs a command"),
    ],
)
def test_an_oracle_that_cannot_be_used(oracle: str, said: str, stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["minimise", str(stored), *SHELF, "--oracle", oracle, "--no-progress"]) == 2
    assert said in capsys.readouterr().err


def test_a_trace_that_shows_nothing_on_this_spec_is_not_minimised(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "shrink"
    folder.mkdir()
    text = (Path(SHELF[1]) / "__init__.py").read_text()
    (folder / "__init__.py").write_text(text.replace("+= amount\n", "+= min(amount, 1)\n"))
    assert run(["minimise", str(stored), "--spec", str(folder), "--no-progress"]) == 2
    assert "nothing is to be minimised" in capsys.readouterr().err


def test_a_budget_of_nothing_leaves_it_as_it_was_found(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, r = called(capsys, "minimise", str(stored), *SHELF, "--minimise-budget", "0")
    assert r["counterexample"]["minimised"] is None
    assert r["counterexample"]["scope"]["parameters"]["cells"] == 4


def test_no_file_is_an_unreadable_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("minimise", "replay"):
        assert run([verb, str(tmp_path / "none.itf.json")]) == 150
        assert "none.itf.json" in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["python", "native"])
def test_a_simulation_ends_with_a_minimal_counterexample(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", *SHELF, "--scenario", "race", "--seed", "4", "--engine", engine)
    code, r = called(capsys, *words, "--property", "X2")
    assert (code, r["verdict"], r["exhaustive"], r["seed"]) == (12, "violation", False, 4)
    c = r["counterexample"]
    assert (c["seed"], len(c["steps"]), c["shortest"]) == (4, 4, True)
    assert run([*words, "--no-progress"]) == 12
    assert "random walks with seed 4" in capsys.readouterr().out


def test_a_simulation_that_finds_nothing_is_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", "--scenario", "quick", "--walks", "5", "--depth", "50", "--engine", "python", "--no-progress")
    assert run(list(words)) == 20
    out = capsys.readouterr().out
    assert out.startswith("quick: incomplete: stopped by 5 walks of at most 50 steps; nothing was found to depth 50\n")
    assert "250 steps in 5 random walks with seed 0" in out
