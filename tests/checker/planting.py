"""Planting bugs in printers: what is put in place of what, and the scenario that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from llvmlite import ir

from checker.native.emit import WORD

CHANGED = "after control|: error of the spec"
"""What is said of a successor that differs."""

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Planted:
    """A bug, the scenario and atomicity that show it, and what the comparison says of it."""

    plant: Plant
    scenario: str
    said: str
    atomicity: Any = "lock"


def wrap(owner: Any, name: str, change: Callable[..., Any]) -> Plant:
    """Plant ``change(original, *arguments)`` in place of a function."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        original = getattr(owner, name)
        patch.setattr(owner, name, lambda *arguments, **named: change(original, *arguments, **named))

    return plant


def put(owner: Any, name: str, value: Any) -> Plant:
    """Plant a value, in a dict or in an object."""
    if isinstance(owner, dict):
        return lambda patch: patch.setitem(owner, name, value)
    return lambda patch: patch.setattr(owner, name, value)


def word(value: int) -> Any:
    return ir.Constant(WORD, value)


def nothing(original: Any, *arguments: Any) -> None:
    pass
