"""Bugs to plant in the native printers of threads: saved locals, labels, points, locks, choices, atomic operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from llvmlite import ir
from planting import CHANGED, Plant, Planted, word, wrap

from checker.frontend import tree as t
from checker.native.emit import Number
from checker.native.threads import _Next, _Step, _ThreadBody


def lost_local(original: Any, printer: _ThreadBody, b: int, but: tuple[str, ...] = ()) -> None:
    for s in printer.code.layout.slots[b]:
        printer.builder.store(word(max(s.scalar.lo, 1 if s.scalar.kind == "ref" else 0)), printer.slots[s.name])


def wrong_slot(original: Any, printer: _ThreadBody, b: int, but: tuple[str, ...] = ()) -> None:
    slots = [s for s in printer.code.layout.slots[b] if s.scalar.kind != "ref"]
    original(printer, b, but)
    for s, other in pairwise(slots):
        printer.builder.store(printer.load_cell(printer.record(other.offset), other).value, printer.slots[s.name])


def unsaved_local(original: Any, printer: _Step, label: int, values: list[Any]) -> None:
    original(printer, label, values[:-1])


def remains(original: Any, printer: _Step, label: int, values: list[Any]) -> None:
    """What lies behind the saved locals is left as it was."""
    layout = printer.code.layout
    printer.builder.store(ir.Constant(ir.IntType(8 * layout.label_width), label), printer.record(0), align=1)
    for s, value in values:
        printer.store_cell(value, printer.record(s.offset), s)
    printer.finish([])


def labels_swapped(original: Any, printer: _Step, label: int, values: list[Any]) -> None:
    original(printer, {1: 2, 2: 1}.get(label, label), values)


def access_before_its_point(original: Any, printer: _Step, b: int, cut: Any) -> None:
    if cut.kind == "store":
        printer.body(printer.code.graph.blocks[b].stmts[:1])
    original(printer, b, cut)


def open_lock(original: Any, printer: _Next, b: int, cut: Any) -> None:
    original(printer, b, replace(cut, stmt=None) if isinstance(cut.stmt, t.Acquire) else cut)


def wrong_owner(original: Any, printer: _ThreadBody, s: t.Acquire) -> None:
    printer.store_cell(word(1), printer.address(s), printer._cell(s))


def unchecked_release(original: Any, printer: _ThreadBody, s: t.Release) -> None:
    printer.store_cell(word(0), printer.address(s), printer._cell(s))


def lock_kept(original: Any, printer: _ThreadBody, s: t.Release) -> None:
    pass


def change_choice(change: Callable[[t.Choose], t.Choose]) -> Plant:
    def choices(original: Any, printer: _Next, b: int, stmt: t.Choose, depth: int) -> None:
        original(printer, b, change(stmt) if depth == 0 else stmt, depth)

    return wrap(_Next, "_choices", choices)


def one_less(stmt: t.Choose) -> t.Choose:
    (lo, hi), *more = stmt.ranges
    return replace(stmt, ranges=((t.Binary(lo.type, lo.place, "+", lo, t.Const(lo.type, lo.place, 1)), hi), *more))


def turned(stmt: t.Choose) -> t.Choose:
    return replace(stmt, bound=stmt.bound[::-1], ranges=stmt.ranges[::-1])


def anything(stmt: t.Choose) -> t.Choose:
    return replace(stmt, where=None)


def always_swaps(original: Any, printer: _ThreadBody, e: t.Atomic) -> Number:
    if e.op == "cas":
        values = [printer.value(v) for v in e.values]
        printer.store_cell(values[1].value, printer.address(e), printer._cell(e))
        return Number(word(1), 0, 1)
    return original(printer, e)


def old_value(original: Any, printer: _ThreadBody, e: t.Atomic) -> Number:
    before = printer.load_cell(printer.address(e), printer._cell(e))
    number = original(printer, e)
    return before if e.op == "xadd" else number


BUGS = {
    "lost live local": Planted(wrap(_ThreadBody, "restore", lost_local), "control", "after control"),
    "wrong slot": Planted(wrap(_ThreadBody, "restore", wrong_slot), "control", CHANGED, "fine"),
    "a local unsaved": Planted(wrap(_Step, "_leave", unsaved_local), "control", "after control.*record of"),
    "old locals remain": Planted(wrap(_Step, "_leave", remains), "control", "after control.*record of"),
    "labels swapped": Planted(wrap(_Step, "_leave", labels_swapped), "control", "state 0, control 0 is at"),
    "a store before its point": Planted(wrap(_Step, "_suspend", access_before_its_point), "control", "after control", "fine"),
    "a lock taken that is held": Planted(wrap(_Next, "_guarded", open_lock), "control", "steps: "),
    "wrong owner": Planted(wrap(_ThreadBody, "_s_acquire", wrong_owner), "control", "Root 1.lock|does not hold it"),
    "a release unchecked": Planted(
        wrap(_ThreadBody, "_s_release", unchecked_release), "errors", "does not hold it.*native None"
    ),
    "a lock kept": Planted(wrap(_ThreadBody, "_s_release", lock_kept), "control", "Root 1.lock"),
    "the least choice lost": Planted(change_choice(one_less), "arithmetic", "steps: "),
    "choices in another order": Planted(change_choice(turned), "arithmetic", "steps: "),
    "a choice unguarded": Planted(change_choice(anything), "threads", "steps: "),
    "a swap without a compare": Planted(wrap(_ThreadBody, "_e_atomic", always_swaps), "threads", "after watching"),
    "an xadd gives the old value": Planted(wrap(_ThreadBody, "_e_atomic", old_value), "control", "after control", "fine"),
}
