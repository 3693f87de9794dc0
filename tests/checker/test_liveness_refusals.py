"""Reachability and liveness properties that are outside the language."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.cli.main import run
from checker.errors import LanguageError
from checker.load import load
from checker.lowering.machine import Machine

TEXT = """\
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Root:
    x: Annotated[int, Range(0, 9)]

class Other:
    x: Annotated[int, Range(0, 9)]

def initial(r: Root) -> None:
    pass

def f(r: Root) -> None:
    step()

def change(r: Root) -> bool:
    r.x = 1
    return True

def wide(r: Root, x: int) -> bool:
    return True

SCENARIO = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(f),))

"""


def made(folder: Path, text: str) -> Path:
    """A spec of one module."""
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(TEXT + text)
    return folder


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        (
            '@reachable("R1", "n")\ndef p(r: Root) -> bool:\n    return change(r)\n',
            "this changes the state, and is reached from what must be possible by property R1 p; there, only look",
            24,
        ),
        (
            '@reachable("R1", "n")\ndef p(r: Root) -> None:\n    pass\n',
            "p is what must be possible by property R1; it returns None, and must return bool",
            33,
        ),
        (
            '@reachable("R1", "n")\ndef p(r: Root, s: Root) -> bool:\n    return True\n',
            "p(r: Root, s: Root) is what must be possible by property R1; it takes (Root)",
            33,
        ),
        (
            '@leads_to("L1", "n")\ndef p(r: Root) -> bool:\n    step()\n    return True\n',
            "this is a scheduling point, and is reached from the goal of property L1 p; there, only look",
            34,
        ),
        (
            '@leads_to("L1", "n")\ndef p(r: Root) -> bool:\n    check("c", True)\n    return True\n',
            "check() is reached from the goal of property L1, p; return the truth value instead",
            34,
        ),
        (
            '@leads_to("L1", "n", after=wide)\ndef p(r: Root) -> bool:\n    return True\n',
            "wide(r: Root, x: int) is the condition after= of property L1; it takes (Root)",
            27,
        ),
        (
            '@leads_to("L1", "n", after=lambda r: True)\ndef p(r: Root) -> bool:\n    return True\n',
            "<lambda> is not a plain function at the top level of its module",
            32,
        ),
        (
            '@leads_to("L1", "n", fair=("g",))\ndef p(r: Root) -> bool:\n    return True\n',
            "property L1 is fair to 'g', which is no thread of a scenario; name one of: f",
            32,
        ),
    ],
)
def test_a_property_of_the_wrong_shape_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str, line: int
) -> None:
    folder = made(tmp_path, text)
    spec = load(folder)
    with pytest.raises(LanguageError) as e:
        Machine(spec, spec.scenarios["s"], {})
    assert str(e.value).endswith(said)
    assert f"__init__.py:{line}:" in str(e.value)
    assert run(["explore", "--spec", str(folder), "--no-progress"]) == 120
    assert said in capsys.readouterr().err
