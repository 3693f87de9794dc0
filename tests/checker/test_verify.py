"""``checker verify``: one verdict over the scopes of a profile, and what becomes of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from verify_rig import LIVENESS, Shell, changed, files, profile, shell_in

from checker.cli.main import run
from checker.load import load
from checker.lowering.machine import Machine
from checker.report.result import result
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.interrupts import EXIT
from checker.verify.profile import profile_of
from checker.verify.rows import exit_of


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


def verdicts(document: dict) -> dict[str, str]:
    return {r["entry"]: r["verdict"] for r in document["rows"]}


def test_all_scopes_of_a_clean_spec(shell: Shell) -> None:
    r = shell.json("--profile", "full")
    names = ["short", "short (fine)", "tall", "tall (fine)", "tall (top=6, depth 2)"]
    assert (r["verdict"], r["exit"], r["profile"], r["source"]) == ("ok", 0, "full", "built in")
    assert verdicts(r) == dict.fromkeys(names, "ok")
    assert [x["states"] for x in r["rows"]] == [4, 4, 10, 10, 3]
    assert [x["exhaustive"] for x in r["rows"]] == [True] * 4 + [False]
    assert r["spec"] == load(Path(__file__).parent / "specs" / "ladders").digest


def test_quick_is_every_scenario_at_lock_atomicity(shell: Shell) -> None:
    r = shell.json()
    assert (r["profile"], [x["entry"] for x in r["rows"]]) == ("quick", ["short", "tall"])
    assert {x["atomicity"] for x in r["rows"]} == {"lock"}


def test_the_built_in_profiles_have_every_scenario_of_the_heap_and_every_finding_is_due_in_one() -> None:
    spec = load()
    quick, full = (profile_of(spec, name, {}, "").entries for name in ("quick", "full"))
    assert [e.scenario for e in quick] == list(spec.scenarios)
    assert {(e.scenario, e.atomicity) for e in full if not e.settings} == {
        (s, a) for s in spec.scenarios for a in ("lock", "fine")
    }
    for f in spec.findings.values():
        due = [
            e
            for e in full
            if (e.scenario, e.atomicity, dict(e.settings).keys()) == (f.scenario, f.atomicity, f.parameters.keys())
        ]
        assert due, f.id


def test_several_violations_give_the_lowest_code_and_all_are_reported(shell: Shell) -> None:
    r = shell.json(spec=LIVENESS)
    assert {x["entry"]: x["exit"] for x in r["rows"]} == {
        "circle": 11,
        "ending": 13,
        "gate": 13,
        "impossible": 12,
        "names": 13,
        "neglect": 13,
        "rounds": 13,
    }
    assert (r["verdict"], r["exit"]) == ("violation", 11)
    runs = {x["entry"] for x in r["rows"] if x["counterexample"]}
    assert runs == set(verdicts(r)) - {"impossible"}  # what never happens has no run
    for name in runs:
        assert f"{name}.counterexample.itf.json" in files()
        assert f"{name}.counterexample.html" in files()


def test_the_text_has_a_table_then_each_counterexample_then_the_whole_in_a_line(shell: Shell) -> None:
    profile('scenario = "short"', 'scenario = "tall"; set = { rotten = 2 }')
    assert shell("--profile", "mine") == 12
    lines = shell.out.splitlines()
    assert lines[0].split() == ["scope", "verdict", "states", "depth", "seconds"]
    assert lines[1].split()[:2] == ["short", "ok"]
    assert lines[2].startswith("tall (rotten=2)  violation of P1 not hurt (exit 12)")
    assert "tall: safety violation: P1 not hurt: unhurt (rung=2)" in lines
    assert lines[-1].startswith("mine: violation: 1 of 2 scopes ok; ")
    assert lines[-1].endswith("; exit 12")
    (replay,) = [x for x in lines if x.startswith("replay: checker ")]
    assert run(replay.removeprefix("replay: checker ").split()) == 12


def test_what_never_happens_is_said_in_the_text(shell: Shell) -> None:
    shell(spec=LIVENESS)
    assert "\nimpossible: violated: R2 beyond: true in no state that can be reached\n" in shell.out


def test_quiet_says_one_line(shell: Shell) -> None:
    assert shell("--quiet") == 0
    assert shell.out.count("\n") == 1
    assert shell.out.startswith("quick: ok: 2 of 2 scopes ok; ")
    assert shell.err == ""


def test_progress_has_a_line_for_each_scope(shell: Shell) -> None:
    shell()
    assert [x.split(";")[0] for x in shell.err.splitlines()] == ["[1/2] short: ok", "[2/2] tall: ok"]
    shell("--no-progress")
    assert shell.err == ""


def test_the_command_of_a_row_checks_that_scope_alone(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    profile(
        'scenario = "tall"; set = { rotten = 4, way = "up" }; without = ["neighbour"]; depth = 5; properties = ["P1", "P2"]'
    )
    (row,) = shell.json("--profile", "mine")["rows"]
    words = row["command"].removeprefix("checker ").split()
    assert run([*words, "--engine", "python", "--no-progress", "--format", "json"]) == row["exit"] == 12
    again = json.loads(capsys.readouterr().out)
    for key in ("scenario", "parameters", "without", "atomicity", "states", "depth", "violations"):
        assert again[key] == row[key], key
    assert [p["id"] for p in row["properties"]] == [p["id"] for p in again["properties"]] == ["P1", "P2", "P6", "P26"]


def test_a_bound_is_incomplete_and_never_success(shell: Shell) -> None:
    profile('scenario = "tall"; max_states = 4', 'scenario = "short"')
    r = shell.json("--profile", "mine")
    assert (r["verdict"], r["exit"], verdicts(r)) == ("incomplete", 20, {"tall (4 states)": "incomplete", "short": "ok"})
    assert shell.json("--max-states", "2", "--profile", "quick")["exit"] == 20
    for wider in ("3", "9"):  # the narrower of two bounds counts
        (row, _) = shell.json("--profile", "mine", "--max-states", wider)["rows"]
        assert row["stopped"] == f"more than {min(4, int(wider))} states (--max-states)"
    assert shell("--profile", "mine") == 20
    assert "tall (4 states): stopped by more than 4 states (--max-states)" in shell.out


def test_a_depth_that_was_asked_for_is_success(shell: Shell) -> None:
    profile('scenario = "tall"; depth = 3; set = { rotten = 5 }')
    (row,) = shell.json("--profile", "mine")["rows"]
    assert (row["verdict"], row["exit"], row["exhaustive"], row["depth"]) == ("ok", 0, False, 3)


def test_a_spec_that_fails_is_an_error_and_the_other_scopes_are_checked(shell: Shell) -> None:
    profile('scenario = "tall"; set = { top = 7 }', 'scenario = "short"')
    r = shell.json("--profile", "mine")
    assert (r["verdict"], r["exit"], verdicts(r)) == ("error", 75, {"tall (top=7)": "error", "short": "ok"})
    assert "outside its declared range" in r["rows"][0]["stopped"]
    profile('scenario = "tall"; set = { top = 7 }', 'scenario = "short"; set = { rotten = 1 }')
    assert shell("--profile", "mine") == 12
    assert "tall (top=7): stopped by an error: the spec failed while being evaluated in scenario tall" in shell.out


def test_impossible_parameters_stop_all_before_anything_is_searched(shell: Shell) -> None:
    profile('scenario = "short"', 'scenario = "tall"; set = { top = 8 }')
    assert shell("--profile", "mine") == 10
    assert "tall (top=8) (profile mine, checker.toml): a ladder of 8 rungs is not made" in shell.err
    assert "[1/2]" not in shell.err


def test_a_spec_outside_the_language_stops_all_and_names_the_scope(shell: Shell, tmp_path: Path) -> None:
    spec = changed(tmp_path / "bad", "    r.waves = True\n\n\n@invariant", "    r.waves = all([True])\n\n\n@invariant")
    assert shell(spec=spec) == 120
    assert "__init__.py:" in shell.err
    assert "(met in scope short)" in shell.err or "(met in scope tall)" in shell.err


def test_known_findings_count_under_strict(shell: Shell) -> None:
    assert shell("--strict") == 12
    assert "P3 stays low: at the foot" in shell.out
    assert shell() == 0
    assert "known findings seen: F1" in shell.out


def test_liveness_can_be_left_out(shell: Shell) -> None:
    profile('scenario = "rounds"; liveness = false', name="mine")
    assert shell("--profile", "mine", spec=LIVENESS) == 0
    assert shell.json("--profile", "quick", spec=LIVENESS)["rows"][-1]["exit"] == 13


def test_one_violation_in_several_scopes_is_made_smaller_once(shell: Shell) -> None:
    profile('scenario = "tall"; set = { rotten = 2 }', 'scenario = "short"; set = { rotten = 2 }')
    rows = shell.json("--profile", "mine")["rows"]
    assert [r["counterexample"]["minimised"] is None for r in rows] == [False, True]
    assert [len(r["counterexample"]["steps"]) for r in rows] == [2, 2]
    rows = shell.json("--profile", "mine", "--minimise-budget", "0")["rows"]
    assert [r["counterexample"]["minimised"] for r in rows] == [None, None]


@pytest.mark.parametrize("code", EXIT.values())
def test_an_interrupt_ends_the_run_and_the_rest_does_not_pass(shell: Shell, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    whole = BreadthFirst.run

    def interrupted(search: BreadthFirst):
        if search.machine.scenario.name == "tall":
            error = KeyboardInterrupt()
            error.exit_code = code
            raise error
        return whole(search)

    monkeypatch.setattr(BreadthFirst, "run", interrupted)
    r = shell.json("--profile", "full")
    rows = {x["entry"]: (x["verdict"], x["exit"], x["stopped"]) for x in r["rows"]}
    assert r["verdict"] == "incomplete"
    assert r["exit"] == code
    assert rows["short (fine)"] == ("ok", 0, "")
    assert rows["tall"] == ("incomplete", code, "an interrupt")
    assert rows["tall (fine)"] == rows["tall (top=6, depth 2)"] == ("incomplete", code, "an interrupt, before it began")
    assert files()["junit.xml"].count(b"<error") >= 3


def test_a_row_of_a_scope_that_came_to_nothing_has_all_keys(shell: Shell) -> None:
    profile('scenario = "tall"; set = { top = 7 }')
    (row,) = shell.json("--profile", "mine")["rows"]
    spec = load(Path(__file__).parent / "specs" / "ladders")
    machine = Machine(spec, spec.scenarios["short"], {})
    full = result(machine, BreadthFirst(machine, Limits()).run(), {"total": 1.0, "compile": 0.0}, strict=False)
    assert set(row) - {"variant", "entry", "command", "found_by"} == set(full)
    assert {k: type(row[k]) for k in full if k not in ("counterexample", "liveness")} == {
        k: type(v) for k, v in full.items() if k not in ("counterexample", "liveness")
    }
    assert row["parameters"] == {**spec.parameters.in_words(machine.parameters), "top": 7}


@pytest.mark.parametrize(
    ("codes", "gates", "expected"),
    [
        ({"ok": [0]}, True, ("ok", 0)),
        ({"ok": [0]}, False, ("gate", 22)),
        ({"incomplete": [20], "ok": [0]}, False, ("incomplete", 20)),
        ({"incomplete": [20, 130]}, True, ("incomplete", 130)),
        ({"error": [75], "incomplete": [20]}, True, ("error", 75)),
        ({"violation": [14, 12], "error": [75], "incomplete": [130]}, False, ("violation", 12)),
    ],
)
def test_one_exit_code(codes: dict, gates: bool, expected: tuple[str, int]) -> None:
    assert exit_of(codes, gates_met=gates) == expected


def test_a_variant_shows_what_verify_would_say(shell: Shell) -> None:
    profile('scenario = "quick"; depth = 3')
    r = shell.json("--profile", "mine", "--variant", "B05", "--minimise-budget", "0", spec=None)
    assert (r["exit"], r["variant"], r["rows"][0]["counterexample"]["property"]) == (12, "B05", "P7")
