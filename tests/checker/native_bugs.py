"""Bugs to plant in the native printers of expressions and statements."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planting import CHANGED, Planted, nothing, put, word, wrap

from checker.frontend import tree as t
from checker.native import arithmetic, expressions
from checker.native.body import Body
from checker.native.emit import Number
from checker.native.expressions import Expressions

# expressions


def unsigned_compare(original: Any, printer: Expressions, e: t.Expr) -> Any:
    if not isinstance(e, t.Compare):
        return original(printer, e)
    return printer.builder.icmp_unsigned(e.op, printer.value(e.left).value, printer.value(e.right).value)


def no_short_circuit(original: Any, printer: Expressions, e: t.Logic) -> Any:
    bits = [printer.test(x) for x in e.items]
    result = bits[0]
    for bit in bits[1:]:
        result = (printer.builder.and_ if e.op == "and" else printer.builder.or_)(result, bit)
    return result


def unmasked(original: Any, printer: Expressions, e: t.Mask) -> Number:
    return Number(printer.value(e.operand).value)


def signed_mask(original: Any, printer: Expressions, e: t.Mask) -> Number:
    distance = word(64 - printer.unit.program.schema.parameters.resolve(e.bits))
    b = printer.builder
    return Number(b.ashr(b.shl(printer.value(e.operand).value, distance), distance))


def without_bias(original: Any, printer: Expressions, address: Any, c: Any) -> Number:
    return original(printer, address, replace(c, bias=0))


def wrong_stride(original: Any, printer: Expressions, e: t.Nested) -> Number:
    number = original(printer, e)
    return number if e.index is None else replace(number, value=printer.builder.sub(number.value, printer.value(e.index).value))


def unchecked_index(original: Any, printer: Expressions, e: t.Expr, length: int, place: Any) -> Any:
    return printer.builder.and_(printer.value(e).value, word(1))


def first_thread(original: Any, printer: Expressions, e: t.ThreadId) -> Number:
    return Number(word(1), 1, 1)


def logical_shift(e: Any, a: Number, b: Number, place: object) -> Number:
    return Number(e.builder.lshr(a.value, b.value))


def truncated_division(original: Any, e: Any, a: Number, b: Number, remainder: Any) -> Any:
    return e.builder.icmp_signed("<", b.value, b.value)


# statements


def throw_returns(original: Any, printer: Body, s: t.Throw) -> None:
    printer.finish([])


def throw_kept_by_the_callee(original: Any, printer: Body, result: Any) -> None:
    pass


def unwrapped(original: Any, printer: Body, number: Number, scalar: Any, place: object, what: str) -> Any:
    return number.value if scalar.kind == "wrap" else original(printer, number, scalar, place, what)


def stores_swapped(original: Any, printer: Body, stmts: Any) -> None:
    stmts = list(stmts)
    for i in range(len(stmts) - 1):
        if isinstance(stmts[i], t.Store) and isinstance(stmts[i + 1], t.Store) and stmts[i].field == stmts[i + 1].field:
            stmts[i : i + 2] = [stmts[i + 1], stmts[i]]
    original(printer, stmts)


RESULT = "after arithmetic.*Root 1.results"

BUGS = {
    "wrong compare": Planted(put(expressions.PREDICATES, "<", "<="), "arithmetic", RESULT),
    "unsigned compare": Planted(wrap(Expressions, "test", unsigned_compare), "arithmetic", RESULT),
    "dropped short circuit": Planted(wrap(Expressions, "_logic", no_short_circuit), "control", "a field of None"),
    "a mask dropped": Planted(wrap(Expressions, "_e_mask", unmasked), "arithmetic", f"{RESULT}|error of the spec"),
    "signed for unsigned": Planted(wrap(Expressions, "_e_mask", signed_mask), "arithmetic", f"{RESULT}|error of the spec"),
    "a bias lost": Planted(wrap(Expressions, "load_cell", without_bias), "control", CHANGED),
    "wrong stride of records": Planted(wrap(Expressions, "_e_nested", wrong_stride), "control", "state 0, Worker"),
    "an index unchecked": Planted(wrap(Expressions, "_index", unchecked_index), "errors", "error of the spec"),
    "another thread's number": Planted(wrap(Expressions, "_e_threadid", first_thread), "threads", "steps|clauses"),
    "a logical shift": Planted(put(arithmetic._OPERATIONS, ">>", logical_shift), "arithmetic", "error of the spec"),
    "division truncates": Planted(wrap(arithmetic, "_floors", truncated_division), "arithmetic", RESULT),
    "a throw that returns": Planted(wrap(Body, "_s_throw", throw_returns), "ends", "thrown by .*native None"),
    "a throw that does not stop the caller": Planted(
        wrap(Expressions, "propagate", throw_kept_by_the_callee), "ends", "thrown by .*native None"
    ),
    "a wrapping store that does not": Planted(wrap(Body, "fitting", unwrapped), "arithmetic", "after arithmetic.*Root 1.gen"),
    "a range unchecked": Planted(wrap(Body, "within", nothing), "errors", "error of the spec.*outside its declared range"),
    "store order swapped": Planted(wrap(Body, "body", stores_swapped), "arithmetic", "after arithmetic.*Root 1"),
}
