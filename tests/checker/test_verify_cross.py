"""The cross-check notices a search that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from verify_rig import SPECS, Shell, profile, shell_in

from checker.lowering.machine import Machine, Successor
from checker.search.breadth_first import BreadthFirst
from checker.search.outcome import Outcome

POOL = SPECS / "pool"
SMALL = 'scenario = "pool"; set = { nodes = 2, held = 1 }; name = "pool"'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


def test_small_scopes_are_searched_again(shell: Shell) -> None:
    profile(SMALL)
    (row,) = shell.json("--profile", "mine", "--cross-check", spec=POOL)["rows"]
    cross = row["cross_check"]
    assert (cross["verdict"], cross["reference"]) == ("the same", "the same engine")
    unreduced = int(cross["unreduced"].removeprefix("the same, in ").removesuffix(" states").replace(",", ""))
    assert unreduced > row["states"] == 963


def test_large_ones_and_those_that_were_stopped_are_not(shell: Shell) -> None:
    profile('scenario = "short"', 'scenario = "tall"', 'scenario = "tall"; max_states = 3')
    rows = shell.json("--profile", "mine", "--cross-check", "5")["rows"]
    assert [r["cross_check"]["verdict"] for r in rows] == ["the same", "not searched again", "not searched again"]
    assert [r["cross_check"]["reference"] for r in rows[1:]] == ["more than 5 states", "it was stopped"]
    assert "cross_check" not in shell.json("--profile", "mine")["rows"][0]


def test_a_violation_is_found_again(shell: Shell) -> None:
    profile('scenario = "short"; set = { rotten = 2 }')
    (row,) = shell.json("--profile", "mine", "--cross-check")["rows"]
    assert (row["exit"], row["cross_check"]["verdict"]) == (12, "the same")


def lose_exhaustion(out: Outcome) -> None:
    out.exhaustive = False


def lose_violations(out: Outcome) -> None:
    out.violations.clear()
    out.verdict = "ok"


def plant(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Outcome], None]) -> None:
    """Spoil what searches with reductions find."""
    whole = BreadthFirst.run

    def run(search: BreadthFirst) -> Outcome:
        out = whole(search)
        if search.machine.canonical.reductions:
            spoil(out)
        return out

    monkeypatch.setattr(BreadthFirst, "run", run)


def test_another_result_without_reductions_is_an_error(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, lose_exhaustion)
    profile(SMALL)
    r = shell.json("--profile", "mine", "--cross-check", spec=POOL)
    (row,) = r["rows"]
    assert (r["verdict"], r["exit"], row["verdict"], row["exit"]) == ("error", 255, "error", 255)
    (difference,) = row["cross_check"]["differences"]
    assert difference == "exhaustive: False, but True (unreduced)"
    shell("--profile", "mine", "--cross-check", spec=POOL)
    assert "pool: stopped by a disagreement of two searches" in shell.out


def test_a_state_that_a_reduction_loses(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Machine.successors

    def fewer(machine: Machine, state: bytes) -> list[Successor]:
        found = whole(machine, state)
        return found[:2] if machine.canonical.reductions else found

    monkeypatch.setattr(Machine, "successors", fewer)
    profile(SMALL)
    (row,) = shell.json("--profile", "mine", "--cross-check", spec=POOL)["rows"]
    assert row["exit"] == 255
    assert any(d.startswith("forms of states: ") for d in row["cross_check"]["differences"])


def test_a_bound_cuts_off_other_states_without_reductions(shell: Shell) -> None:
    profile(f"{SMALL}; depth = 34")
    (row,) = shell.json("--profile", "mine", "--cross-check", spec=POOL)["rows"]
    assert (row["exit"], row["cross_check"]["verdict"]) == (0, "the same")


def test_a_violation_that_only_one_search_finds(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    profile('scenario = "pool"; set = { nodes = 2, held = 1, most = 1 }')
    assert shell("--profile", "mine", "--minimise-budget", "0", spec=POOL) == 12
    plant(monkeypatch, lose_violations)
    r = shell.json("--profile", "mine", "--cross-check", "--out", "other", spec=POOL)
    assert r["exit"] == 255
    assert {d.partition(":")[0] for d in r["rows"][0]["cross_check"]["differences"]} >= {"verdict", "violations"}


@pytest.mark.slow
def test_native_code_is_compared_state_by_state(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.cli.main import run

    words = ["verify", "--spec", str(SPECS / "ladders"), "--cross-check", "--quiet"]
    assert run(words) == 0
    whole = Machine.steps

    def fewer(machine: Machine, state: bytes, thread: int) -> list:
        return whole(machine, state, thread) if thread == 0 else []

    monkeypatch.setattr(Machine, "steps", fewer)
    assert run(words) == 255


@pytest.mark.slow
def test_a_count_that_is_wrong(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from checker.cli.main import run

    profile('scenario = "tall"')
    whole = BreadthFirst.run

    def run_and_lose(search: BreadthFirst) -> Outcome:
        out = whole(search)
        out.states -= 1
        return out

    monkeypatch.setattr(BreadthFirst, "run", run_and_lose)
    assert run(["verify", "--spec", str(SPECS / "ladders"), "--profile", "mine", "--cross-check", "--no-progress"]) == 255
    assert "states: 10, but 9 (reference)" in capsys.readouterr().out
