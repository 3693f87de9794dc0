"""The workflow and the action: well formed, and their shell does what they say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from verify_rig import LADDERS, changed

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "verify" / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "verify.yml"


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load(path.read_text())
    return document


@pytest.mark.parametrize(("schema", "path"), [("github-actions", ACTION), ("github-workflows", WORKFLOW)])
def test_it_is_what_github_expects(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_would_notice_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text(ACTION.read_text().replace("using: composite", "using: shell"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    assert subprocess.run(command, capture_output=True, cwd=tmp_path).returncode == 1


def test_the_workflow_gives_the_action_what_it_takes_and_takes_what_it_gives() -> None:
    action, workflow = read(ACTION), read(WORKFLOW)
    steps = workflow["jobs"]["verify"]["steps"]
    (used,) = [s for s in steps if s.get("uses") == "./.github/actions/verify"]
    assert set(used["with"]) <= set(action["inputs"])
    assert used["id"] == "verify"
    text = WORKFLOW.read_text()
    for name in action["outputs"]:
        if f"steps.verify.outputs.{name}" in text:
            assert name in ("exit", "sarif")
    (upload,) = [s for s in steps if "upload-artifact" in s.get("uses", "")]
    assert Path(upload["with"]["path"]) == Path(action["inputs"]["out"]["default"])


def test_every_value_of_an_input_is_data_for_the_shell() -> None:
    for step in read(ACTION)["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_outputs_and_inputs_are_declared_and_used() -> None:
    action, text = read(ACTION), ACTION.read_text()
    for name in action["inputs"]:
        assert f"inputs.{name}" in text, name
    written = {line.split("=")[0].rpartition('"')[2] for line in text.splitlines() if 'echo "' in line}
    assert written == {"checker", "cache", "version", "exit", "sarif"}


def shell_of(id: str) -> str:
    (step,) = [s for s in read(ACTION)["runs"]["steps"] if s.get("id") == id]
    text: str = step["run"]
    return text


def run_step(id: str, folder: Path, **values: str) -> tuple[int, dict[str, str], str]:
    """Run a step's shell as GitHub does: exit code, outputs, and what it printed."""
    (folder / "step.sh").write_text(shell_of(id))
    output = folder / "github-output"
    output.write_text("")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CHECKER_", "PYTEST_"))}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "step.sh"],
        cwd=folder,
        env={**environment, "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output), "PYTHONPATH": str(ROOT), **values},
        capture_output=True,
        text=True,
    )
    pairs = (line.partition("=") for line in output.read_text().splitlines())
    return done.returncode, {k: v for k, _, v in pairs}, done.stdout + done.stderr


@pytest.fixture
def verb(tmp_path: Path) -> dict[str, str]:
    """The environment of the step that verifies, with an engine that needs no compiler."""
    checker = tmp_path / "checker"
    checker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m checker "$@" --engine python\n')
    checker.chmod(0o755)
    return {
        "CHECKER": str(checker),
        "CHECKER_CACHE": str(tmp_path / "cache"),
        "PROFILE": "quick",
        "SPEC": str(LADDERS),
        "GATES": "",
        "OUT": ".checker",
    }


def test_the_step_verifies(tmp_path: Path, verb: dict[str, str]) -> None:
    code, outputs, said = run_step("verify", tmp_path, **verb)
    assert (code, outputs) == (0, {"exit": "0", "sarif": ".checker/results.sarif"}), said
    assert "quick: ok: 2 of 2 scopes ok" in said
    assert (tmp_path / ".checker" / "junit.xml").is_file()


def test_the_step_fails_with_the_code_of_the_violation_and_names_the_report(tmp_path: Path, verb: dict[str, str]) -> None:
    spec = changed(tmp_path / "my spec", "if r.rung == sys.rotten:", "if r.rung == 2:")
    code, outputs, said = run_step("verify", tmp_path, **{**verb, "SPEC": str(spec), "OUT": "my reports"})
    assert (code, outputs) == (12, {"exit": "12", "sarif": "my reports/results.sarif"})
    assert "\n::error file=my%20spec/" in said or "\n::error file=my spec/" in said


def test_the_step_passes_gates_on(tmp_path: Path, verb: dict[str, str]) -> None:
    code, outputs, said = run_step("verify", tmp_path, **{**verb, "GATES": "vacuity  findings coverage=100"})
    assert (code, outputs["exit"]) == (0, "0")
    assert "; 3 of 3 gates met; " in said
    code, _, said = run_step("verify", tmp_path, **{**verb, "GATES": "*"})
    assert (code, "'*' is no gate" in said) == (2, True)


def test_a_run_that_fails_names_no_report(tmp_path: Path, verb: dict[str, str]) -> None:
    run_step("verify", tmp_path, **verb)
    code, outputs, _ = run_step("verify", tmp_path, **{**verb, "PROFILE": "none"})
    assert (code, outputs["exit"]) == (2, "2")


@pytest.mark.slow
def test_the_action_installs_and_verifies_in_a_clean_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv", "tests", ".*cache*", "__pycache__", "*.egg-info")
    )
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to(sys.executable)
    places = {
        "SOURCE": str(source / ".github" / "actions" / "verify" / ".." / ".." / ".."),
        "VENV": str(tmp_path / "venv"),
        "CACHE": str(tmp_path / "cache"),
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
    }
    code, outputs, said = run_step("install", tmp_path, **places)
    assert (code, set(outputs)) == (0, {"checker", "cache", "version"}), said
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "checker.toml").write_text("[[profile.small]]\nscenario = 'parking'\n")
    more = {"CHECKER": outputs["checker"], "CHECKER_CACHE": outputs["cache"], "PYTHONPATH": ""}
    values = {"PROFILE": "small", "SPEC": "", "GATES": "findings", "OUT": ".checker"}
    code, outputs, said = run_step("verify", tmp_path / "work", **more, **values)
    assert (code, outputs) == (0, {"exit": "0", "sarif": ".checker/results.sarif"}), said
    assert any((tmp_path / "cache").iterdir())
    spec = changed(tmp_path / "work" / "ladders", "if r.rung == sys.rotten:", "if r.rung == 2:")
    code, outputs, said = run_step("verify", tmp_path / "work", **more, **{**values, "PROFILE": "quick", "SPEC": str(spec)})
    assert (code, outputs["exit"]) == (12, "12"), said
    assert (tmp_path / "work" / ".checker" / "short.counterexample.html").is_file()
