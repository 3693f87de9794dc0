"""The folder of reports: the same bytes each time, nothing stale in it, and complete files only."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from verify_rig import LADDERS, LIVENESS, Shell, files, profile, shell_in

from checker.cli.main import run

REPORTS = {".gitignore", "junit.xml", "results.sarif", "verify.json"}
ROTTEN = 'scenario = "short"; set = { rotten = 2 }; name = "short"'
SOUND = 'scenario = "short"'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


def test_two_runs_give_the_same_bytes(shell: Shell) -> None:
    words = ("--gate", "vacuity", "--cross-check")
    assert shell(*words, spec=LIVENESS) == 11
    first = files()
    assert len(first) == len(REPORTS) + 3 * 6
    assert shell(*words, spec=LIVENESS) == 11
    assert "still happens" in shell.out
    assert files() == first
    assert shell(*words, "--out", "elsewhere", spec=LIVENESS) == 11
    assert files(Path("elsewhere")) == {k: v for k, v in first.items() if k != ".gitignore"}


def test_the_files_say_what_stdout_says(shell: Shell) -> None:
    said = shell.json("--gate", "vacuity", spec=LIVENESS)
    stored = json.loads(files()["verify.json"])
    passing = {"seconds", "states_per_second", "peak_memory_bytes", "search_memory_bytes", "jobs"}
    assert set(said["rows"][0]) - set(stored["rows"][0]) == passing
    said["rows"] = [{k: v for k, v in r.items() if k not in passing} for r in said["rows"]]
    assert {k: v for k, v in said.items() if k != "last"} == stored
    for row in stored["rows"]:
        if row["counterexample"]:
            assert (Path(".checker") / row["counterexample"]["itf"]).is_file()
    suites = ET.fromstring(files()["junit.xml"])
    assert [s.get("name") for s in suites] == [r["entry"] for r in stored["rows"]]
    (sarif,) = json.loads(files()["results.sarif"])["runs"]
    assert [i["exitCode"] for i in sarif["invocations"]] == [r["exit"] for r in stored["rows"]]


def test_a_scope_without_a_violation_leaves_no_counterexample_behind(shell: Shell) -> None:
    profile(ROTTEN)
    assert shell("--profile", "mine") == 12
    assert set(files()) == REPORTS | {f"short.counterexample.{x}" for x in ("html", "itf.json", "mmd")}
    profile(SOUND)
    assert shell("--profile", "mine") == 0
    assert set(files()) == REPORTS


def test_other_scopes_and_what_was_not_decided_keep_theirs(shell: Shell) -> None:
    profile(ROTTEN)
    shell("--profile", "mine")
    kept = set(files()) - REPORTS
    profile('scenario = "tall"')
    assert shell("--profile", "mine") == 0
    assert set(files()) == REPORTS | kept
    profile('scenario = "short"; max_states = 1; name = "short"')
    assert shell("--profile", "mine") == 20
    assert set(files()) == REPORTS | kept


def test_reports_of_an_earlier_run_are_gone_before_a_run_that_fails(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell() == 0
    monkeypatch.setattr("checker.cli.verify.run", lambda *_: 1 // 0)
    assert shell() == 255
    assert set(files()) == {".gitignore"}


def test_a_counterexample_is_stored_as_soon_as_it_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.verify import run as module

    profile(ROTTEN, 'scenario = "tall"')
    whole = module.check

    def fail_second(machine, *rest, **more):
        return whole(machine, *rest, **more) if machine.scenario.name == "short" else 1 // 0

    monkeypatch.setattr(module, "check", fail_second)
    assert shell("--profile", "mine") == 255
    assert "short.counterexample.itf.json" in files()


def test_the_default_folder_is_kept_out_of_version_control_and_another_is_left_alone(shell: Shell) -> None:
    shell()
    assert files()[".gitignore"].endswith(b"*\n")
    shell("--out", "mine")
    assert set(files(Path("mine"))) == REPORTS - {".gitignore"}


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_searched(shell: Shell) -> None:
    Path("file").write_text("")
    assert shell("--out", "file/inside") == 2
    assert "name another folder with --out" in shell.err
    assert "[1/2]" not in shell.err


def test_without_github_nothing_is_said_to_it(shell: Shell) -> None:
    profile(ROTTEN)
    shell("--profile", "mine")
    assert "::" not in shell.out + shell.err


def test_github_gets_annotations_and_a_summary(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile(ROTTEN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    assert shell("--profile", "mine", "--gate", "vacuity") == 12
    lines = shell.out.splitlines()
    first = next(i for i, x in enumerate(lines) if x.startswith("::"))
    assert lines[first - 1].endswith("; exit 12")
    assert lines[first].startswith("::error file=ladders/__init__.py,line=")
    assert not [x for x in lines[first:] if not x.startswith("::")]
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("before\n## checker: 1 of 1 violated")
    assert "- gate <code>vacuity</code>: " in text


def test_no_name_is_a_command_to_github(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["::error::a", "::stop-commands::b", "##[error]c", "  ::d", "a%0A::e"]
    profile(*(f'scenario = "short"; set = {{ rotten = 2 }}; name = "{n}"' for n in names))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert shell("--profile", "mine") == 12
    lines = [*shell.out.splitlines(), *shell.err.splitlines()]
    commands = [x for x in lines if x.lstrip().startswith(("::", "##["))]
    assert all(x.startswith(("::error file=ladders/", "::warning title=", "::notice title=")) for x in commands), commands
    assert len([x for x in commands if x.startswith("::error")]) == len(names)


def test_github_hears_of_a_gate_that_is_not_met(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile('scenario = "tall"; depth = 2')
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert shell("--profile", "mine", "--gate", "vacuity") == 22
    assert "::error title=gate::gate vacuity: not met: P2 waves at four\n" in shell.out


def test_json_stays_json_on_github(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(ROTTEN)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert shell.json("--profile", "mine")["exit"] == 12
    assert "::error " in shell.err


def test_a_summary_that_cannot_be_written_is_said(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert shell() == 2
    assert "GITHUB_STEP_SUMMARY=" in shell.err


def test_the_configuration_may_name_the_folder(shell: Shell) -> None:
    Path("checker.toml").write_text("out = 'reports'\n")
    assert run(["verify", "--engine", "python", "--spec", str(LADDERS), "--quiet"]) == 0
    assert set(files(Path("reports"))) == REPORTS - {".gitignore"}
