"""Bugs to plant in native properties, findings, counters and packing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planting import Planted, nothing, word, wrap

from checker.frontend import tree as t
from checker.native import packing
from checker.native.body import Body
from checker.native.context import Run
from checker.native.emit import BYTE, WORD
from checker.native.reporting import ReportingBody
from checker.native.system import System
from checker.native.threads import _Next
from spec.language import ALWAYS


def states_exchanged(original: Any, s: System, builder: Any, run: Any, number: int, p: Any, states: list[Any]) -> None:
    original(s, builder, run, number, p, states[::-1])


def at_all_times(original: Any, s: System) -> None:
    kept = s.lowered.properties
    s.lowered.properties = [replace(p, when=ALWAYS) if p.kind == "invariant" else p for p in kept]
    original(s)
    s.lowered.properties = kept


def every_failure_explained(original: Any, printer: ReportingBody, s: Any, current: Any, *more: Any) -> None:
    """The findings of one property explain those of another with a clause of the same name."""
    original(printer, s, word(more[0]), *more)


def explained_by_another(original: Any, printer: ReportingBody, *arguments: Any) -> None:
    *head, finding, function, values, done = arguments
    original(printer, *head, (finding + 1) % 2, function, values, done)


def nothing_explained(original: Any, printer: ReportingBody, s: Any, current: Any, property: int, *more: Any) -> None:
    original(printer, s, word(-1), property, *more)


def other_clause(original: Any, printer: ReportingBody, current: Any, clause: int) -> None:
    original(printer, current, 0)


def other_property(original: Any, printer: ReportingBody, current: Any, clause: int) -> None:
    original(printer, word(0), clause)


def first_failure_only(original: Any, printer: ReportingBody, current: Any, clause: int) -> None:
    printer.builder.store(word(0), printer.run_field(Run.offset("failures")))
    original(printer, current, clause)


def in_the_run_of_the_thread(original: Any, printer: ReportingBody, s: t.EndCheck) -> None:
    observer = printer.run_field(Run.offset("observer"))
    kept = printer.builder.load(observer, typ=WORD)
    printer.builder.store(printer.builder.ptrtoint(printer.run, WORD), observer)
    original(printer, s)
    printer.builder.store(kept, observer)


def never_met(original: Any, s: System, builder: Any, run: Any, number: int, *more: Any) -> None:
    pass


def point_beside(original: Any, printer: _Next, offset: int) -> None:
    original(printer, max(offset - 8, printer.unit.run.points))


def rests_nowhere(original: Any, s: System) -> None:
    builder, _, _ = s._define("at_rest", 1)
    builder.ret(word(0))


def rests_everywhere(original: Any, s: System) -> None:
    builder, _, _ = s._define("at_rest", 1)
    builder.ret(word(1))


# packing


def narrow(original: Any, top: int, width: int) -> bytes:
    return bytes(original(top >> 1 if top > 20 else top, width))


def wrong_move(original: Any, mask: int) -> list[tuple[int, int]]:
    return [(moved, shift) for moved, shift in original(mask) if shift != 2]


def no_straddling(original: Any, builder: Any, layout: packing.Packing, source: Any, state: Any) -> None:
    """The part of eight bytes that lies in the following packed word is forgotten."""
    packed = [builder.load(packing._word(builder, source, i), align=8, typ=WORD) for i in range(layout.words)]
    at = 0
    for i, mask in enumerate(layout.masks):
        x = builder.and_(
            builder.lshr(packed[min(at // 64, layout.words - 1)], word(at % 64)), word((1 << mask.bit_count()) - 1)
        )
        for moved, shift in reversed(packing.moves(mask)):
            part = builder.and_(x, word(moved >> shift))
            x = builder.or_(builder.xor(x, part), builder.shl(part, word(shift)))
        at += mask.bit_count()
        builder.store(x, builder.gep(state, [word(8 * i)], source_etype=BYTE), align=8)


BUGS = {
    "step properties on exchanged states": Planted(wrap(System, "_evaluate", states_exchanged), "ends", "clauses, step"),
    "invariants under a lock": Planted(wrap(System, "_check_invariants", at_all_times), "threads", "clauses, invariants"),
    "a failure explained for another property": Planted(
        wrap(ReportingBody, "_explain", every_failure_explained), "threads", "clauses|explained by"
    ),
    "explained by another finding": Planted(wrap(ReportingBody, "_explain", explained_by_another), "threads", "explained by F"),
    "nothing is explained": Planted(wrap(ReportingBody, "_explain", nothing_explained), "threads", "clauses"),
    "another clause": Planted(wrap(ReportingBody, "_note", other_clause), "threads", "clauses"),
    "another property": Planted(wrap(ReportingBody, "_note", other_property), "threads", "clauses"),
    "the last failure only": Planted(wrap(ReportingBody, "_note", first_failure_only), "threads", "clauses"),
    "an antecedent uncounted": Planted(wrap(ReportingBody, "_s_given", nothing), "threads", "antecedents of"),
    "properties counted as the thread": Planted(
        wrap(ReportingBody, "_s_endcheck", in_the_run_of_the_thread), "threads", "clauses, end|was entered"
    ),
    "what is possible never met": Planted(wrap(System, "_look", never_met), "threads", "antecedents of R1"),
    "blocks uncounted": Planted(wrap(Body, "_s_count", nothing), "threads", "after step 0 .*was entered"),
    "the point beside counted": Planted(wrap(_Next, "increment", point_beside), "threads", "steps from"),
    "no place to rest": Planted(wrap(System, "_at_rest", rests_nowhere), "control", "all threads rest"),
    "every place to rest": Planted(wrap(System, "_at_rest", rests_everywhere), "threads", "all threads rest"),
    "a mask too narrow": Planted(wrap(packing, "_mask", narrow), "control", "packed and unpacked"),
    "a move left out": Planted(wrap(packing, "moves", wrong_move), "control", "packed and unpacked"),
    "the next packed word forgotten": Planted(wrap(packing, "_unpack", no_straddling), "control", "packed and unpacked"),
}
