"""Applying a variant's edits to the text of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from checker.errors import LanguageError
from spec.language import Edit


def apply_edits(module: str, text: str, edits: Iterable[Edit]) -> str:
    """The module's text with the edits that name one of its functions.

    Raises
    ------
    LanguageError
        No such function, or the text to replace does not occur exactly once in it.
    """
    for edit in edits:
        where, _, name = edit.function.rpartition(".")
        if where == module:
            text = _apply(text, name, edit)
    return text


def _apply(text: str, name: str, edit: Edit) -> str:
    found = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        raise LanguageError(edit.function, "an edit names this function, but the module does not define it")
    lines = text.splitlines(keepends=True)
    first, last = found[0].lineno - 1, found[0].end_lineno
    body = "".join(lines[first:last])
    if body.count(edit.old) != 1:
        raise LanguageError(
            edit.function,
            f"an edit replaces {edit.old!r}, which occurs {body.count(edit.old)} times here; it must occur once",
        )
    return "".join(lines[:first]) + body.replace(edit.old, edit.new) + "".join(lines[last:])
