"""What the page's script draws from: cells, their changes, and pictures of every state, as JSON in an inert element."""

from __future__ import annotations

import json
from typing import Any

from checker.report.html.look import Look, blocks, said, sign
from checker.report.html.markup import Markup
from checker.report.html.strip import size
from checker.report.style import inert
from checker.trace.trace import Trace
from spec.language import Block, Chain, Drawn, Strip


def data(trace: Trace, look: Look) -> Markup:
    """The element that holds the data.

    All is ASCII, and what could end the element or begin markup is written as an escape of JSON.
    """
    text = json.dumps(_document(trace, look), ensure_ascii=True, separators=(",", ":"))
    for c in "<>&":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return Markup(f'<script type="application/json" id="data">{text}</script>')


def _document(trace: Trace, look: Look) -> dict[str, Any]:
    cells: dict[str, int] = {}
    ghosts = set(trace.ghosts)
    for cell, _ in trace.initial:
        cells.setdefault(cell, len(cells))
    for s in trace.steps:
        for c in s.changed:
            cells.setdefault(c.cell, len(cells))
            if c.ghost:
                ghosts.add(c.cell)
    first = dict(trace.initial)
    places = dict.fromkeys(blocks(trace.pictures))
    numbers = {b: i for i, b in enumerate(places)}
    read = {r.cell for r in trace.cause.reads} if trace.cause is not None else set()
    cause = trace.cause.step if trace.cause is not None else len(trace.steps)
    return {
        "start": min(max(cause, 0), len(trace.steps)),
        "cells": [[inert(c), inert(first[c]) if c in first else "", int(c in ghosts), int(c in read)] for c in cells],
        "changes": [[[cells[c.cell], inert(c.after)] for c in s.changed] for s in trace.steps],
        "blocks": [[look.classes(b), sign(b), said(b), inert(b.owner) if b.owner else ""] for b in places],
        "pictures": [[_part(p, numbers) for p in picture] for picture in trace.pictures],
    }


def _part(part: Drawn, numbers: dict[Block, int]) -> list[Any]:
    if isinstance(part, Strip):
        return ["strip", inert(part.name), size(part), [numbers[b] for b in part.blocks]]
    if isinstance(part, Chain):
        return ["chain", inert(part.name), [inert(m) for m in part.members]]
    return ["line", inert(part)]
