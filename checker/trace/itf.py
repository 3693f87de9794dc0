"""A trace as ITF, the JSON in which model checkers exchange traces.

Every state is complete, and stands in one line with the facts of the step that leads to it; so do the facts of the
whole trace. `checker.trace.read` reads it back. The same trace gives the same bytes, all of them ASCII.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from checker.trace.facts import describe, head_names, step_names
from checker.trace.nested import Layout
from checker.trace.trace import FORMAT, Trace, TraceStep
from checker.trace.typed import encode_fields, encode_value


def itf(trace: Trace) -> str:
    """The text of a trace.

    All of the trace is written but its pictures. Half a character (a lone surrogate), which no file can hold, is written
    as U+FFFD.

    Raises
    ------
    ValueError
        The cells of the initial state do not nest, or a step changes another one.
    """
    lines = ["{", ' "#meta": {', *_members(_head(trace), "  "), " },"]
    layout = Layout([cell for cell, _ in trace.initial])
    lines += [f' "vars": {_json(layout.variables)},', ' "states": [']
    lines += _separated([f"  {_json(state)}" for state in _states(trace, layout)])
    lines += [" ]" if trace.loop is None else f' ],\n "loop": {trace.loop}', "}"]
    return _ascii("\n".join(lines) + "\n")


def _head(trace: Trace) -> dict[str, object]:
    cells = [cell for cell, _ in trace.initial]
    return {"format": FORMAT, "description": describe(trace), **encode_fields(trace, head_names()), "cells": cells}


def _states(trace: Trace, layout: Layout) -> Iterator[dict[str, object]]:
    facts: list[dict[str, object]] = [{"index": 0}, *map(_step, trace.steps)]
    for meta, state in zip(facts, trace.states(), strict=True):
        if len(state) > len(layout.cells):
            unknown = next(cell for cell in state if cell not in layout.cells)
            raise ValueError(f"a step changes {unknown!r}, which is no cell of the initial state")
        yield {"#meta": meta, **layout.nest([state[cell] for cell in layout.cells])}


def _step(step: TraceStep) -> dict[str, object]:
    changed = [[c.cell, encode_value(c.before), encode_value(c.after)] for c in step.changed]
    return {**encode_fields(step, step_names()), "changed": changed}


def _members(fields: dict[str, object], indent: str) -> list[str]:
    return _separated([f"{indent}{_json(name)}: {_json(value)}" for name, value in fields.items()])


def _separated(lines: list[str]) -> list[str]:
    return [*(f"{line}," for line in lines[:-1]), *lines[-1:]]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _ascii(text: str) -> str:
    """The text with everything else escaped, and halves of characters replaced."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return re.sub(r"[^\n -~]+", lambda match: json.dumps(match[0])[1:-1], text)
