"""What a loaded spec declares for searches: what may be forgotten, the real order, and what no scenario reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.errors import LanguageError
from checker.load import Spec, load

SPEC = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    order = parameter(0, names=("any", "index"), doc="what is visited next")

sys = Sys()

class Item:
    x: Annotated[int, Range(0, 9)]

class Root:
    items: Annotated[list[Item], Size(2)]

def idle(r: Root, s: Item) -> bool:
    return s.x == 9

FORGET = Forget("Item", ("x",), idle, "nobody reads it")
AGAIN = FORGET
ORDER = RealOrder("order", 1, "pick")
NEVER = Unreached("idle", "return", "nobody asks")
"""


def made(folder: Path, more: str = "") -> Spec:
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(SPEC + more)
    (folder / "other.py").write_text("from . import FORGET, NEVER, ORDER\n")
    return load(folder)


def test_each_declaration_is_found_once_however_many_modules_name_it(tmp_path: Path) -> None:
    spec = made(tmp_path)
    assert [f.reason for f in spec.forgets] == ["nobody reads it"]
    assert [u.reason for u in spec.unreached] == ["nobody asks"]
    assert spec.real_order is not None
    assert (spec.real_order.parameter, spec.real_order.value) == ("order", 1)


def test_there_is_one_real_order(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="at most one RealOrder; 2 were found"):
        made(tmp_path, 'MORE = RealOrder("order", 0, "pick")\n')
