"""Plain, lowered and native execution agree on random schedules, and the comparison sees every planted translator bug.

Bugs of the native printers are planted in `test_differential_native`.

``DIFFERENTIAL_STEPS=100000`` makes the runs over the heap longer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checker.differential import Atomicity, Comparison, compare, line_of
from checker.frontend import tree as t
from checker.load import load
from checker.lowering import analyse
from checker.lowering.effects import Effects
from checker.lowering.flatten import Flattener
from checker.lowering.python_steps import Slot, StepPrinter
from checker.lowering.python_text import Printer

CORNERS = Path(__file__).parent / "specs" / "corners"
STEPS = int(os.environ.get("DIFFERENTIAL_STEPS", "600"))
BOTH: tuple[Atomicity, ...] = ("lock", "fine")
QUICKLY = ("quick", "sweep")
"""Scenarios whose native code at fine atomicity is compiled in the quick tier too."""


@pytest.mark.parametrize(
    ("scenario", "atomicity"),
    [
        pytest.param(s, a, marks=pytest.mark.slow if a == "fine" and s not in QUICKLY else ())
        for s in sorted(load().scenarios)
        for a in BOTH
    ],
)
def test_the_heap_runs_alike(scenario: str, atomicity: Atomicity) -> None:
    comparison = Comparison(load(), load(), scenario, {}, atomicity, native=True)
    assert comparison.first_difference(STEPS, seed=1) is None
    assert comparison.tally.steps == STEPS
    assert comparison.tally.checks > 0
    assert comparison.tally.native is not None
    assert comparison.tally.native.successors >= STEPS


@pytest.mark.parametrize("atomicity", BOTH)
@pytest.mark.parametrize("scenario", ["arithmetic", "control", "ends"])
def test_the_corners_of_the_language_run_alike(scenario: str, atomicity: Atomicity) -> None:
    comparison = Comparison(load(CORNERS), load(CORNERS), scenario, {}, atomicity, sample=0.1, native=True)
    assert comparison.first_difference(1500, seed=2) is None
    seen = comparison.tally
    assert seen.checks > 100
    if scenario == "ends":
        assert seen.throws > 10
        assert seen.failures > 50
        assert seen.native is not None
        assert seen.native.throws > 10
        assert seen.native.failures > 50
    if scenario == "control":
        assert len(seen.places) > {"lock": 12, "fine": 60}[atomicity]


def test_errors_of_the_spec_agree() -> None:
    comparison = Comparison(load(CORNERS), load(CORNERS), "ends", {"low": -9}, "lock", native=True)
    assert comparison.first_difference(500, seed=3) is None


def test_a_line_is_found_in_a_message() -> None:
    assert line_of("/a/b/heap.py:12: Root.x = 3: outside (in thread f)") == ("heap.py", 12)
    assert line_of("nowhere") is None


# planted bugs

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Planted:
    """A translator bug, and a scenario that shows it; of the heap, or of the small spec if it says so."""

    plant: Plant
    scenario: str
    atomicity: Atomicity
    said: str
    corners: bool = True


def wrap(owner: Any, name: str, change: Callable[..., Any]) -> Plant:
    """Plant ``change(original, *arguments)`` in place of a function."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        original = getattr(owner, name)
        patch.setattr(owner, name, lambda *arguments: change(original, *arguments))

    return plant


def wrong_compare(original: Any, printer: Printer, e: t.Compare) -> str:
    return str(original(printer, replace(e, op="<=" if e.op == "<" else e.op)))


def lost_local(original: Any, printer: StepPrinter, slot: Slot, memory: str) -> str:
    return f"{slot.name} = {max(slot.scalar.lo, 0)}"


def no_short_circuit(original: Any, printer: Printer, e: t.Logic) -> str:
    return f"({'all' if e.op == 'and' else 'any'}([{', '.join(map(printer.expr, e.items))}]))"


def no_short_circuit_in_steps(original: Any, flattener: Flattener, e: t.Logic) -> t.Expr:
    return replace(e, items=tuple(flattener._operands(list(e.items))))


def signed(original: Any, printer: Printer, e: t.Mask) -> str:
    half = 1 << (printer.program.schema.parameters.resolve(e.bits) - 1)
    return f"((({original(printer, e)}) ^ {half}) - {half})"


def unmasked(original: Any, printer: Printer, e: t.Mask) -> str:
    return printer.expr(e.operand)


def throw_returns(original: Any, printer: Printer, s: t.Throw) -> list[str]:
    return ["return 0"]


def late_point(kind: str) -> Plant:
    """Put the scheduling points of a kind behind the access instead of before it."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        cut, emit = Flattener._cut, Flattener._emit
        held: list[Any] = []

        def late_cut(self: Flattener, what: str, *more: Any, **named: Any) -> None:
            if what == kind:
                held.append((what, more, named))
            else:
                cut(self, what, *more, **named)

        def late_emit(self: Flattener, s: t.Stmt) -> None:
            emit(self, s)
            while held:
                what, more, named = held.pop()
                cut(self, what, *more, **named)

        patch.setattr(Flattener, "_cut", late_cut)
        patch.setattr(Flattener, "_emit", late_emit)

    return plant


def stores_swapped(original: Any, owner: Any, body: Any, *more: Any) -> Any:
    body = list(body)
    for i in range(len(body) - 1):
        if isinstance(body[i], t.Store) and isinstance(body[i + 1], t.Store) and body[i].field == body[i + 1].field:
            body[i : i + 2] = [body[i + 1], body[i]]
    return original(owner, tuple(body), *more)


def wrong_stride(original: Any, printer: Printer, e: Any) -> str:
    c = printer.layout.cells[e.record, e.field]
    return str(original(printer, e)).replace(f" * {c.length * c.width}", f" * {c.width}")


def wrong_nested_stride(original: Any, printer: Printer, e: t.Nested) -> str:
    return str(original(printer, e)).replace("* 3 ", "* 2 ")


def truncated(original: Any, printer: Printer, e: t.Binary) -> str:
    text = str(original(printer, e))
    return f"int({printer.expr(e.left)} / {printer.expr(e.right)})" if e.op == "//" else text


def no_wrap(original: Any, printer: Printer, s: t.Store) -> list[str]:
    return [line.replace(") & ", ") % 1000 & ") for line in original(printer, s)]


def clause_lost(original: Any, printer: Printer, s: t.Check) -> list[str]:
    return ["pass"] if s.witness and s.clause == "small" else list(original(printer, s))


def nothing(original: Any, *arguments: Any) -> Any:
    return None


def never(original: Any, *arguments: Any) -> bool:
    return False


BUGS = {
    "wrong compare in the heap": Planted(wrap(Printer, "_e_compare", wrong_compare), "coalesce", "lock", "plain", False),
    "wrong compare": Planted(wrap(Printer, "_e_compare", wrong_compare), "arithmetic", "lock", "results"),
    "lost live local in the heap": Planted(wrap(StepPrinter, "_restore", lost_local), "coalesce", "fine", "", False),
    "lost live local": Planted(wrap(StepPrinter, "_restore", lost_local), "control", "lock", ""),
    "dropped short circuit in the heap": Planted(
        wrap(Printer, "_e_logic", no_short_circuit), "coalesce", "lock", "error", False
    ),
    "dropped short circuit in steps": Planted(wrap(Flattener, "_logic", no_short_circuit_in_steps), "control", "fine", "plain"),
    "signed for unsigned": Planted(wrap(Printer, "_e_mask", signed), "arithmetic", "lock", "results"),
    "signed for unsigned in the heap": Planted(wrap(Printer, "_e_mask", signed), "quick", "lock", "plain", False),
    "a mask dropped": Planted(wrap(Printer, "_e_mask", unmasked), "arithmetic", "lock", "results"),
    "a wrapping store that does not": Planted(wrap(Printer, "_s_store", no_wrap), "arithmetic", "lock", "plain"),
    "a throw that does not stop the caller": Planted(wrap(Printer, "_s_throw", throw_returns), "ends", "lock", "thrown"),
    "a load before its point": Planted(late_point("load"), "control", "fine", ""),
    "a load before its point in the heap": Planted(late_point("load"), "default", "fine", "", False),
    "a store before its point": Planted(late_point("store"), "control", "fine", "plain"),
    "a store before its point in the heap": Planted(late_point("store"), "quick", "fine", "plain", False),
    "store order swapped": Planted(wrap(Printer, "body", stores_swapped), "arithmetic", "lock", "gen|results"),
    "store order swapped between steps": Planted(wrap(Flattener, "_body", stores_swapped), "quick", "fine", "plain", False),
    "lock exemption dropped": Planted(wrap(analyse, "_protected_loads", nothing), "quick", "fine", "plain", False),
    "wrong array stride": Planted(wrap(Printer, "address", wrong_stride), "control", "lock", "plain"),
    "wrong stride of records": Planted(wrap(Printer, "_e_nested", wrong_nested_stride), "control", "lock", "plain"),
    "division truncates": Planted(wrap(Printer, "_e_binary", truncated), "arithmetic", "lock", "results"),
    "every release is silent": Planted(wrap(Effects, "touches", never), "quick", "lock", "", False),
    "a clause lost": Planted(wrap(Printer, "_s_check", clause_lost), "ends", "lock", "failed clauses"),
}


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS.keys())
def test_a_planted_bug_is_seen(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    folder = CORNERS if bug.corners else None
    difference = compare(bug.scenario, {}, bug.atomicity, 3000, 5, plain=load(folder), lowered=load(folder))
    assert difference is not None
    assert f"{bug.scenario} at {bug.atomicity} atomicity, after step" in difference
    assert re.search(bug.said, difference), difference
