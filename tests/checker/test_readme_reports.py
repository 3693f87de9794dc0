"""The README shows three counterexamples as the tool prints them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from checker.cli.main import run

README = (Path(__file__).parents[2] / "README.md").read_text()
REPORTS = dict(re.findall(r"<!-- report (\w+) -->\n((?:    .*\n|\n(?=    ))+)", README))


def test_three_bugs_are_shown() -> None:
    assert list(REPORTS) == ["B02", "B19", "B29"]


@pytest.mark.parametrize("bug", [r if r == "B02" else pytest.param(r, marks=pytest.mark.slow) for r in REPORTS])
def test_the_report_is_what_the_tool_prints(bug: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, *shown = [line.removeprefix("    ") for line in REPORTS[bug].rstrip("\n").split("\n")]
    assert command.startswith("$ checker ")
    assert run([*shlex.split(command)[2:], "--no-progress"]) == 12
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert printed[: len(shown)] == shown
    assert shown[-1].startswith("again: ")
