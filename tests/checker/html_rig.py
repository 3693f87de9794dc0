"""Traces for the tests of the HTML report: recorded ones, large ones, and ones whose every text is hostile."""

from __future__ import annotations

import functools
import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from html_tree import Node, read

from checker.load import load
from checker.lowering.machine import Machine
from checker.report.html import render
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.check_liveness import check_liveness
from checker.search.outcome import Outcome
from checker.trace.record import record
from checker.trace.trace import (
    Cause,
    Change,
    Minimised,
    Need,
    Read,
    Reduction,
    Scope,
    Trace,
    TraceCall,
    TraceStep,
)
from spec.language import Block, Chain, Drawn, Strip

LITMUS = Path(__file__).parent / "specs" / "liveness"

TEXTS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=2</script>",
    '"><img src=x onerror="window.pwned=3">',
    "' onmouseover='window.pwned=4",
    "</style><style>body{display:none}</style>",
    "<!--<script>window.pwned=5</script>",
    "]]>&lt;b&gt;&#60;i&#62;&amp;",
    "javascript:window.pwned=6",
    "a\nb\r\tc\x00\x07\x1b[31m%0A::error::",
    "\u202egnp.exe\u2066\u2028\u2029\ufeff",
    "\ud800 half",
    "${window.pwned=7}`\\u003cscript>",
    "{{constructor.constructor('window.pwned=8')()}}",
    "long" * 3000,
)
"""What a spec may call its things."""


@functools.cache
def recorded(variant: str) -> Trace:
    """The counterexample of a variant, each step of it accounted for."""
    known = load().variants[variant]
    spec = load(None, known.edits)
    machine = Machine(spec, spec.scenarios[known.scenario], known.parameters, atomicity=known.atomicity)
    trace = record(machine, BreadthFirst(machine, Limits()).run().violations[0], variant=variant)
    assert trace.cause is not None
    needs = tuple(Need(s.index, True, "the others cannot be taken") for s in trace.steps)
    return replace(trace, cause=replace(trace.cause, needs=needs), command="checker replay out/counterexample.itf.json")


@functools.cache
def deadlock() -> Trace:
    """Two threads that wait for each other, in a spec that draws nothing."""
    spec = load(LITMUS)
    machine = Machine(spec, spec.scenarios["circle"], {})
    return record(machine, BreadthFirst(machine, Limits()).run().violations[0])


@functools.cache
def lasso() -> Trace:
    """A loop of two steps, in which one thread is neglected."""
    spec = load(LITMUS)
    machine = Machine(spec, spec.scenarios["gate"], {})
    outcome = Outcome(exhaustive=True)
    check_liveness(machine, outcome, Limits())
    return record(machine, outcome.violations[0])


def made(steps: int, pages: int, threads: int = 4) -> Trace:
    """A long run over much memory: in each step a page changes hands."""
    names = tuple(f"worker{i}" for i in range(threads))
    cells: dict[str, int] = {f"page[{p}].uses": 0 for p in range(pages)} | {"turn": 0}
    initial = tuple(cells.items())
    pictures = [_drawn(cells, pages)]
    run = []
    for i in range(1, steps + 1):
        page = i * 7 % pages
        changed = []
        for cell, after in ((f"page[{page}].uses", cells[f"page[{page}].uses"] + 1), ("turn", i % 5)):
            if cells[cell] != after:
                changed.append(Change(cell, cells[cell], after, cell == "turn"))
                cells[cell] = after
        run.append(_step(i, names[i % threads if i % 3 else (i + 1) % threads], page, tuple(changed)))
        pictures.append(_drawn(cells, pages))
    scope = Scope("made", (("pages", pages),), ("pages",), names, (), "lock")
    read = Read(f"page[{steps * 7 % pages}].uses", cells[f"page[{steps * 7 % pages}].uses"], steps)
    cause = Cause(
        steps, steps, f"Step {steps} made it false.", (read,), tuple(Need(i, True, "lost") for i in range(1, steps + 1))
    )
    small = Minimised((Reduction("steps", steps + 9, steps), Reduction("pages", pages, pages)), 12, 3456, True, "")
    return Trace(
        tool="0", spec="abc", scope=scope, property="P1", name="made", clause="holds", meaning="Hold.", definition="made.py:1",
        witness=(("page", "3"),), exit=12, place="", initial=initial, ghosts=frozenset(("turn",)), steps=tuple(run),
        cause=cause, minimised=small, pictures=tuple(pictures),
    )  # fmt: skip


def hostile(trace: Trace, text: str) -> Trace:
    """The same run in which every text, of every part, is the given one with the original before it."""
    kept = {"shortest", "order", "stopped"}

    def spoilt(part: Any) -> Any:
        if isinstance(part, str):
            return f"{part}{text}"
        if isinstance(part, (tuple, frozenset)):
            return type(part)(spoilt(p) for p in part)
        if is_dataclass(part) and not isinstance(part, type):
            values = {f.name: getattr(part, f.name) for f in fields(part)}
            return type(part)(**{k: v if k in kept else spoilt(v) for k, v in values.items()})
        return part

    out: Trace = spoilt(trace)
    return out


def _step(index: int, thread: str, page: int, changed: tuple[Change, ...]) -> TraceStep:
    calls = (
        TraceCall("made.worker", "", (), None, 0, False, False),
        TraceCall("made.take", "made.go:take", (("page", str(page)),), None, 1, index % 2 == 0, index % 2 == 1),
        TraceCall("made.look", "made.go:look", (("page", str(page)),), "True", 2, True, True),
    )
    return TraceStep(
        index=index, thread=thread, action="take", args=(("page", str(page)),), result="True" if index % 2 else None,
        choice=(("page", page),), function="made.take", begins_at="choose", source=f"made.py:{page + 1}", go="made.go:take",
        ends_at="choose" if index % 2 else "acquire", thrown="", calls=calls, changed=changed,
    )  # fmt: skip


def _drawn(cells: dict[str, int], pages: int) -> tuple[Drawn, ...]:
    uses = [cells[f"page[{p}].uses"] for p in range(pages)]
    marks = [(*(["odd"] if n % 2 else []), *(["worn"] if n > 2 else [])) for n in uses]
    kinds = [("new", " ") if n == 0 else ("old", "o") if n > 3 else ("used", "#") for n in uses]
    blocks = tuple(Block(*kinds[p], marks[p], f"range[{p // 4}]" if uses[p] else "") for p in range(pages))
    worn = tuple(f"page[{p}]" for p in range(pages) if uses[p] > 2)
    return (Strip("memory", blocks), f"used {sum(1 for n in uses if n)}", Chain("worn", worn[:6]), Chain("nothing", ()))


RUNS = {"recorded": lambda: recorded("B01"), "deadlock": deadlock, "lasso": lasso, "made": lambda: made(6, 5)}


def page(trace: Trace) -> Node:
    return read(render(trace))


def data(tree: Node) -> dict[str, object]:
    (element,) = [n for n in tree.all("script") if n.attributes.get("type") == "application/json"]
    found: dict[str, object] = json.loads("".join(c for c in element.children if isinstance(c, str)))
    return found


def raw(tree: Node, tag: str) -> str:
    (element,) = [n for n in tree.all(tag) if "type" not in n.attributes]
    return "".join(c for c in element.children if isinstance(c, str))


def article(tree: Node, step: int) -> Node:
    return tree.one("article", id=f"detail-{step}")


def drawn(*pictures: tuple[Drawn, ...]) -> Trace:
    """A run of which the pictures are given."""
    return replace(made(len(pictures) - 1, 4), pictures=pictures)
