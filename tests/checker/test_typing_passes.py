"""A function is typed a second time only where that can tell more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.frontend import tree as t
from checker.frontend.scope import Scope
from checker.load import load
from checker.lowering.machine import Machine

CORNERS = Path(__file__).parent / "specs" / "corners"
Typed = dict[str, tuple[dict[str, t.Type], tuple[t.Stmt, ...], set[str]]]


def typed(folder: Path | None, scenario: str) -> tuple[Typed, list[Any]]:
    spec = load(folder)
    program = Machine(spec, spec.scenarios[scenario], {}).program
    return {f.name: (dict(f.types), f.body, f.annotated) for f in program.functions.values()}, list(program.blocks)


def always(answer: bool) -> Callable[[Scope], bool]:
    return lambda scope: answer


@pytest.mark.parametrize(("folder", "scenario"), [(None, "quick"), (None, "default"), (CORNERS, "control"), (CORNERS, "ends")])
def test_a_pass_that_is_left_out_would_have_found_the_same(
    folder: Path | None, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = typed(folder, scenario)
    monkeypatch.setattr(Scope, "settled", always(False))
    assert typed(folder, scenario) == found


def test_some_functions_need_the_second_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = typed(None, "quick")
    monkeypatch.setattr(Scope, "settled", always(True))
    once, _ = typed(None, "quick")
    assert any(once[name] != found[name] for name in found)


def test_a_scope_is_settled_while_each_name_has_one_type() -> None:
    scope = Scope({"h": t.INT})
    assert "h" in scope
    scope["x"] = t.INT
    scope["x"] = t.INT
    assert "x" in scope
    assert scope.settled()


def test_a_second_type_unsettles_a_scope() -> None:
    scope = Scope({"x": t.INT})
    scope["x"] = t.BOOL
    assert not scope.settled()


def test_a_look_before_the_first_type_unsettles_a_scope() -> None:
    scope = Scope({})
    assert "x" not in scope
    assert scope.settled()
    scope["x"] = t.INT
    assert not scope.settled()
