"""Gates: "no violation" has to mean something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from verify_rig import LIVENESS, Shell, profile, shell_in


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


def gate(shell: Shell, name: str, *words: str, **more: Any) -> dict[str, Any]:
    """The object of a gate."""
    (found,) = shell.json("--gate", name, *words, **more)["gates"]
    assert found["gate"] == name
    return found


def test_every_property_met_something_somewhere(shell: Shell) -> None:
    assert gate(shell, "vacuity") == {"gate": "vacuity", "verdict": "met", "missing": []}


def test_a_property_that_met_nothing_fails_the_gate(shell: Shell) -> None:
    profile('scenario = "tall"; depth = 2', 'scenario = "short"')
    r = shell.json("--profile", "mine", "--gate", "vacuity")
    assert (r["verdict"], r["exit"]) == ("gate", 22)
    assert r["gates"] == [{"gate": "vacuity", "verdict": "not met", "missing": ["P2 waves at four"]}]
    assert r["vacuous"] == ["P2 waves at four"]
    assert shell("--profile", "mine") == 0
    assert "antecedent never met: P2 waves at four" in shell.out


def test_a_scope_that_is_not_meant_to_decide_a_property_is_not_asked(shell: Shell) -> None:
    profile('scenario = "short"')
    assert gate(shell, "vacuity", "--profile", "mine")["verdict"] == "met"
    profile('scenario = "short"; properties = ["P2"]')
    assert gate(shell, "vacuity", "--profile", "mine")["missing"] == ["P2 waves at four"]


def test_it_is_enough_that_any_scope_met_it(shell: Shell) -> None:
    scopes = ['scenario = "tall"; depth = 2', 'scenario = "tall"; properties = ["P2"]']
    for order in (scopes, scopes[::-1]):
        profile(*order)
        assert gate(shell, "vacuity", "--profile", "mine")["verdict"] == "met"


def test_what_must_be_possible_and_was_not_seen_within_the_bound(shell: Shell) -> None:
    profile('scenario = "short"; depth = 1')
    missing = gate(shell, "vacuity", "--profile", "mine")["missing"]
    assert missing == ["L1 comes up", "R1 a view"]
    profile('scenario = "short"; depth = 1; liveness = false')
    assert gate(shell, "vacuity", "--profile", "mine")["missing"] == ["R1 a view"]


def test_a_gate_is_not_judged_where_a_scope_did_not_end(shell: Shell) -> None:
    profile('scenario = "tall"; max_states = 3')
    r = shell.json("--profile", "mine", "--gate", "vacuity", "--gate", "findings")
    assert (r["exit"], [g["verdict"] for g in r["gates"]]) == (20, ["not judged", "met"])
    r = shell.json("--gate", "vacuity", spec=LIVENESS)
    assert (r["exit"], r["gates"][0]["verdict"]) == (11, "not judged")


def test_known_findings_are_seen_again(shell: Shell) -> None:
    found = gate(shell, "findings", "--profile", "full")
    assert found == {"gate": "findings", "verdict": "met", "not_looked_for": [], "missing": []}


def test_a_finding_of_no_scope_is_not_looked_for(shell: Shell) -> None:
    assert gate(shell, "findings", "--profile", "quick")["not_looked_for"] == ["F2"]


def test_a_finding_that_is_gone_fails_the_gate(shell: Shell, tmp_path: Path) -> None:
    from verify_rig import changed

    spec = changed(tmp_path / "ladders", 'check("at the foot", r.rung == 0', 'check("at the foot", r.rung >= 0')
    r = shell.json("--gate", "findings", "--profile", "full", spec=spec)
    assert (r["exit"], r["gates"][0]["missing"]) == (22, ["F1 climbers climb", "F2 climbers of tall ladders climb"])


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ('scenario = "short"; set = { top = 2 }', []),
        ('scenario = "short"; atomicity = "fine"', []),
        ('scenario = "short"; depth = 0', []),
        ('scenario = "short"; properties = ["P1"]', []),
        ('scenario = "short"; depth = 1', ["F1 climbers climb"]),
        ('scenario = "short"; properties = ["P3"]', ["F1 climbers climb"]),
        ('scenario = "tall"; set = { top = 6 }; depth = 2', ["F2 climbers of tall ladders climb"]),
        ('scenario = "tall"; set = { top = 6 }; without = ["neighbour"]', []),
    ],
)
def test_which_scope_shows_a_finding(shell: Shell, tmp_path: Path, entry: str, missing: list[str]) -> None:
    from verify_rig import changed

    spec = changed(tmp_path / "ladders", 'check("at the foot", r.rung == 0', 'check("at the foot", r.rung >= 0')
    profile(entry)
    assert gate(shell, "findings", "--profile", "mine", spec=spec)["missing"] == missing


def test_a_branch_that_was_not_reached_counts_against_coverage(shell: Shell) -> None:
    assert gate(shell, "coverage=100") == {"gate": "coverage=100", "verdict": "met", "percent": 100.0, "missing": []}
    profile('scenario = "tall"; depth = 3')
    found = gate(shell, "coverage=100", "--profile", "mine")
    (missing,) = found["missing"]
    assert (found["verdict"], missing.endswith(": r.waves = True")) == ("not met", True)
    reached = found["percent"]
    assert 70 < reached < 100
    assert gate(shell, f"coverage={int(reached)}", "--profile", "mine")["verdict"] == "met"
    assert gate(shell, f"coverage={int(reached) + 1}", "--profile", "mine")["verdict"] == "not met"


def test_coverage_is_that_of_all_scopes_together(shell: Shell) -> None:
    profile('scenario = "tall"; depth = 3', 'scenario = "tall"; without = ["neighbour"]')
    assert gate(shell, "coverage=100", "--profile", "mine")["verdict"] == "met"


def test_all_gates_must_be_met(shell: Shell) -> None:
    profile('scenario = "tall"; depth = 2')
    words = ("--gate", "vacuity", "--gate", "findings", "--gate", "coverage=50", "--gate", "vacuity")
    assert shell("--profile", "mine", *words) == 22
    lines = [x for x in shell.out.splitlines() if x.startswith("gate ")]
    assert [x.split(":")[1].split(" (")[0] for x in lines] == [" not met", " met", " met"]
    assert "; 2 of 3 gates met; " in shell.out.splitlines()[-1]
