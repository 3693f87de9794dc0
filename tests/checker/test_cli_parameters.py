"""Parameters whose values have words: what the command line and the configuration take, and what results show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.cli.main import run

SPEC = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    order = parameter(0, names=("any", "index", "reverse"), doc="what is visited next")

sys = Sys()

class Root:
    x: Annotated[int, Range(0, 9)]

def initial(r: Root) -> None:
    pass

def main(r: Root) -> None:
    step()
    r.x = sys.order

@invariant("P1", "small")
def small(r: Root) -> None:
    check("x", r.x < 2, x=r.x)

S = Scenario(name="s", purpose="none", root=Root, initial=initial, threads=(Thread(main),))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A spec with such a parameter, and a working folder without configuration."""
    (tmp_path / "a_spec").mkdir()
    (tmp_path / "a_spec" / "__init__.py").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "a_spec")


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(words)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("value", ["index", "1", "0x1"])
def test_a_word_stands_for_its_value(capsys: pytest.CaptureFixture[str], folder: str, value: str) -> None:
    code, out, _ = call(capsys, "explore", "--spec", folder, "--set", f"order={value}")
    assert code == 0
    assert "order=index" in out
    code, out, _ = call(capsys, "explore", "--spec", folder, "--set", f"order={value}", "--format", "json")
    assert json.loads(out)["parameters"] == {"word_bits": 8, "gen_bits": 4, "order": "index"}


def test_the_command_that_shows_it_again_has_the_word(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    code, out, _ = call(capsys, "explore", "--spec", folder, "--set", "order=2", "--set", "gen_bits=0x8")
    (line,) = [x for x in out.splitlines() if x.startswith("again: ")]
    assert code == 12
    assert "--set gen_bits=8 --set order=reverse" in line
    assert call(capsys, *line.removeprefix("again: checker ").split())[0] == 12


def test_the_configuration_takes_words(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    Path("checker.toml").write_text("[set]\norder = 'reverse'\ngen_bits = 8\n")
    assert call(capsys, "explore", "--spec", folder)[0] == 12
    assert call(capsys, "explore", "--spec", folder, "--set", "order=any")[0] == 0
    Path("checker.toml").write_text("[set]\norder = 1.5\n")
    assert call(capsys, "explore", "--spec", folder)[0] == 151


@pytest.mark.parametrize(
    ("setting", "code", "says"),
    [
        ("order=later", 10, "order=later is none of its words: any, index, reverse allowed (what is visited next)"),
        ("order=3", 10, "order=3 is out of range: any, index, reverse allowed"),
        ("word_bits=any", 10, "word_bits=any is no integer: 0..64 allowed (word)"),
        ("ordre=index", 10, "unknown parameter 'ordre'; this spec has: word_bits, gen_bits, order"),
        ("order", 2, "'order' is not KEY=VALUE"),
        ("order=", 2, "'order=' is not KEY=VALUE"),
        ("=index", 2, "'=index' is not KEY=VALUE"),
    ],
)
def test_a_value_that_is_none_is_told_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str], folder: str, setting: str, code: int, says: str
) -> None:
    seen, out, err = call(capsys, "explore", "--spec", folder, "--set", setting)
    assert (seen, says in err, out) == (code, True, ""), err
