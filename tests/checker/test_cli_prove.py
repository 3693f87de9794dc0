"""``checker prove``: its table, its JSON, its exit codes, and what happens when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checker.cli.main import run
from checker.cli.prove_table import summary, table
from proofs.confirming.solvers import Solver

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))


def test_the_claims_are_listed_in_their_order_with_their_verdicts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names = ["sweepgen_left_behind", "grow_enough_exactly"]
    assert run(["prove", *names, "--jobs", "2", "--export", str(tmp_path / "queries")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.split()[:1] in ([n] for n in names)] == names
    assert "2 of 2 claims as stated" in lines[-1]
    assert max(map(len, lines)) <= 120
    assert list((tmp_path / "queries" / "grow_enough_exactly").glob("001-*.smt2"))


def test_the_second_run_knows_the_results_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", "grow_enough_exactly", "--format", "json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(["prove", "grow_enough_exactly", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    (claim,) = first["claims"]
    assert (first["verdict"], claim["verdict"], claim["ok"], claim["go"]) == ("ok", "proved", True, "mheap.go:mheap.grow")
    assert claim["conditions"] > 0
    assert claim["solver"].startswith("z3 ")


def test_quiet_prints_the_verdict_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", "grow_enough_exactly", "--quiet"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("1 of 1 claims as stated")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "no claim is called 'nonsense'"),
        (["--solver", "z3,yices"], "no solver is called 'yices'"),
        (["--jobs", "0"], ""),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_solver_that_is_not_installed_names_the_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Solver, "version", None)
    assert run(["prove", "grow_enough_exactly", "--solver", "z3,cvc5"]) == 2
    said = capsys.readouterr().err
    assert "cvc5 not installed" in said
    assert "pageheap-checker[solvers]" in said


def test_a_claim_that_is_not_as_stated_exits_with_22_and_says_why() -> None:
    claim = {
        "id": "c",
        "statement": "A statement.",
        "go": "mheap.go:x",
        "ok": False,
        "verdict": "not proved",
        "seconds": 1.0,
        "solver": "z3 0",
        "paths": 2,
        "conditions": 3,
        "vacuous": 1,
        "detail": "goal: does not follow",
        "counterexample": None,
        "assumptions": ["one thing", "another " * 40],
        "opinions": [{"solver": "cvc5 1", "confirmed": 1, "not_asked": 0, "gave_up": ["n: unknown"], "contradicted": ["m"]}],
    }
    document = {"exit": 22, "claims": [claim]}
    text = table(document, 120, verbose=False)
    for part in (
        "NOT AS STATED",
        "2 / 3 (1 vacuous)",
        "goal: does not follow",
        "assumes: one thing",
        "(-v)",
        "contradicted 1 (m)",
    ):
        assert part in text
    assert "n: unknown" not in text
    assert "n: unknown" in table(document, 120, verbose=True)
    assert "0 of 1 claims as stated" in summary(document, 0, 1.0)
    assert "cvc5 1: 1 of 3 conditions confirmed (33.3%), 1 given up, 1 contradicted" in summary(document, 0, 1.0)


@pytest.mark.slow
def test_an_interrupt_ends_all_processes(tmp_path: Path) -> None:
    mark = f"CHECKER_CACHE={tmp_path}"
    command = [sys.executable, "-m", "checker", "prove", "--jobs", "2", "--no-cache", "scavenger_rounding", "free_statistics"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "CHECKER_CACHE": str(tmp_path)}, stderr=subprocess.PIPE)
    while len(_with(mark)) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, b"interrupted" in said) == (130, True)
    assert _with(mark) == []


def _with(mark: str) -> list[int]:
    """The processes that have this in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
