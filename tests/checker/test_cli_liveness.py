"""What the command line says of lassos and of what is never reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.cli.main import run

LITMUS = ("--spec", str(Path(__file__).parent / "specs" / "liveness"))
ENDS = "every cycle's sweep ends"


def explored(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and output of a search."""
    code = run(["explore", "--no-progress", "--minimise-budget", "0", *words])
    return code, capsys.readouterr().out


def test_a_lasso_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, *LITMUS, "--scenario", "rounds", "--format", "json")
    found = json.loads(out)
    shown = found["counterexample"]
    assert code == found["exit"] == shown["exit"] == 13
    assert (shown["property"], shown["clause"]) == ("L1", "at_one leads to home")
    assert (shown["loop"], len(shown["steps"]), shown["shortest"]) == (2, 4, False)
    assert shown["fairness"] == [{"thread": "walker", "enabled_always": True, "taken": True}]
    assert found["liveness"] == {"states": 5, "transitions": 6}
    rows = {p["id"]: p["verdict"] for p in found["properties"]}
    assert (rows["L1"], rows["L2"], rows["R1"], rows["R2"]) == ("violated", "ok", "ok", "not checked")


def test_a_lasso_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, *LITMUS, "--scenario", "rounds")
    lines = out.splitlines()
    assert code == 13
    assert lines[0] == "rounds: liveness violation: L1 goes home: at_one leads to home"
    assert lines[1] == "exit 13; a run of 2 steps to a loop of 2 steps"
    assert lines.index("    loop: from here") == next(i for i, line in enumerate(lines) if line.startswith("  3")) - 1
    assert "    loop: back to state 2, for ever" in lines
    assert "    fair to walker: enabled throughout, takes steps" in lines


def test_a_state_that_lasts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explored(capsys, *LITMUS, "--scenario", "ending")
    assert "exit 13; a run of 1 steps to a state that lasts for ever" in out
    assert "    state 1 lasts for ever\n    fair to climber: not always enabled, takes no step\n" in out


def test_a_counterexample_that_is_no_lasso_has_no_loop(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explored(capsys, "--variant", "B06", "--format", "json")
    shown = json.loads(out)["counterexample"]
    assert (shown["loop"], shown["fairness"]) == (None, [])


def test_what_never_happens_has_no_counterexample(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, *LITMUS, "--scenario", "impossible", "--format", "json")
    found = json.loads(out)
    assert code == 12
    assert found["counterexample"] is None
    assert [(v["property"], v["steps"]) for v in found["violations"]] == [("R2", 0)]
    _, out = explored(capsys, *LITMUS, "--scenario", "impossible")
    assert out.startswith("impossible: violation: R2 beyond: true in no state that can be reached\nexit 12; all 5 states")


def test_a_property_may_be_asked_for_by_name_and_the_heaps_lasso_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, "--scenario", "parking", "--variant", "B26", "--property", ENDS)
    assert code == 13
    assert "order-dependent, perhaps" in out
    assert "state 41 lasts for ever" in out
    assert explored(capsys, "--scenario", "parking", "--property", ENDS)[0] == 0


def test_a_bound_leaves_liveness_open_and_unasked_it_is_not_checked(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, "--scenario", "parking", "--depth", "10")
    assert code == 0
    assert out.startswith("parking: no violation to depth 10; not exhaustive\n")
    assert "liveness:" not in out
    code, out = explored(capsys, "--scenario", "parking", "--depth", "10", "--property", "P19")
    assert code == 20
    assert out.splitlines()[0].startswith("parking: incomplete: stopped by the bound of 10 steps (--depth), in the search for")
    assert "incomplete: P19" in out


def test_a_scenario_that_lists_no_liveness_is_not_searched_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, "--format", "json")
    found = json.loads(out)
    assert (code, found["liveness"]) == (0, None)
    assert [p["verdict"] for p in found["properties"] if p["name"] == ENDS] == ["not checked"]
