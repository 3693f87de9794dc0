"""Exact integer arithmetic in 64 bits: Python's results, or an early end where they do not fit.

Where the operands' bounds show that nothing can go wrong, no check is emitted. Division and remainder round toward
minus infinity, shifts are arithmetic and defined for every distance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from checker.native.emit import HIGHEST, LOWEST, WORD, Emitter, Number
from checker.native.exits import DIVISION, OVERFLOW, SHIFT

Value = Any


def binary(e: Emitter, op: str, a: Number, b: Number, place: object) -> Number:
    """The result of ``+ - * // % << >> & | ^ min max``."""
    return _OPERATIONS[op](e, a, b, place)


def negate(e: Emitter, a: Number, place: object) -> Number:
    """``-a``."""
    return _subtract(e, Number(ir.Constant(WORD, 0), 0, 0), a, place)


def invert(e: Emitter, a: Number) -> Number:
    """``~a``."""
    return Number(e.builder.not_(a.value), -1 - a.hi, -1 - a.lo)


def _checked(e: Emitter, name: str, a: Number, b: Number, corners: list[int], place: object) -> Number:
    lo, hi = min(corners), max(corners)
    if lo >= LOWEST and hi <= HIGHEST:
        return Number(getattr(e.builder, name)(a.value, b.value), lo, hi)
    pair = getattr(e.builder, f"s{name}_with_overflow")(a.value, b.value)
    fits = e.builder.not_(e.builder.extract_value(pair, 1))
    e.guard(fits, OVERFLOW, place)
    return Number(e.builder.extract_value(pair, 0), max(lo, LOWEST), min(hi, HIGHEST))


def _add(e: Emitter, a: Number, b: Number, place: object) -> Number:
    return _checked(e, "add", a, b, [a.lo + b.lo, a.hi + b.hi], place)


def _subtract(e: Emitter, a: Number, b: Number, place: object) -> Number:
    return _checked(e, "sub", a, b, [a.lo - b.hi, a.hi - b.lo], place)


def _multiply(e: Emitter, a: Number, b: Number, place: object) -> Number:
    return _checked(e, "mul", a, b, [x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)], place)


def _divisor(e: Emitter, b: Number, place: object) -> None:
    if b.lo <= 0 <= b.hi:
        e.guard(e.builder.icmp_signed("!=", b.value, ir.Constant(WORD, 0)), DIVISION, place)


def _floors(e: Emitter, a: Number, b: Number, remainder: Value) -> Value:
    """Whether a division that rounds toward zero is one above Python's."""
    inexact = e.builder.icmp_signed("!=", remainder, ir.Constant(WORD, 0))
    opposite = e.builder.icmp_signed("<", e.builder.xor(remainder, b.value), ir.Constant(WORD, 0))
    return e.builder.and_(inexact, opposite)


def _floor_divide(e: Emitter, a: Number, b: Number, place: object) -> Number:
    _divisor(e, b, place)
    if a.lo >= 0 and b.lo >= 0:
        return Number(e.builder.udiv(a.value, b.value), 0, a.hi)
    if a.lo == LOWEST and b.lo <= -1 <= b.hi:
        lowest = e.builder.icmp_signed("==", a.value, ir.Constant(WORD, LOWEST))
        minus_one = e.builder.icmp_signed("==", b.value, ir.Constant(WORD, -1))
        e.guard(e.builder.not_(e.builder.and_(lowest, minus_one)), OVERFLOW, place)
    quotient = e.builder.sdiv(a.value, b.value)
    remainder = e.builder.sub(a.value, e.builder.mul(quotient, b.value))
    return Number(e.builder.sub(quotient, e.builder.zext(_floors(e, a, b, remainder), WORD)))


def _modulo(e: Emitter, a: Number, b: Number, place: object) -> Number:
    _divisor(e, b, place)
    if a.lo >= 0 and b.lo >= 0:
        return Number(e.builder.urem(a.value, b.value), 0, min(a.hi, max(b.hi - 1, 0)))
    divisor = b.value
    if b.lo <= -1 <= b.hi:  # the lowest number by -1 has no quotient; by 1 it leaves the same remainder
        minus_one = e.builder.icmp_signed("==", b.value, ir.Constant(WORD, -1))
        divisor = e.builder.select(minus_one, ir.Constant(WORD, 1), b.value)
    remainder = e.builder.srem(a.value, divisor)
    raised = e.builder.add(remainder, b.value)
    value = e.builder.select(_floors(e, a, b, remainder), raised, remainder)
    return Number(value, min(b.lo + 1, 0), max(b.hi - 1, 0))


def _distance(e: Emitter, b: Number, place: object) -> Value:
    """The distance of a shift, at most 63; a negative one ends the step."""
    zero, most = ir.Constant(WORD, 0), ir.Constant(WORD, 63)
    if b.lo < 0:
        e.guard(e.builder.icmp_signed(">=", b.value, zero), SHIFT, place, detail=b.value)
    if b.hi <= 63:
        return b.value
    return e.builder.select(e.builder.icmp_signed("<", b.value, most), b.value, most)


def _shift_left(e: Emitter, a: Number, b: Number, place: object) -> Number:
    distance = _distance(e, b, place)
    value = e.builder.shl(a.value, distance)
    near, far = min(max(b.lo, 0), 64), min(max(b.hi, 0), 64)
    corners = [a.lo << near, a.lo << far, a.hi << near, a.hi << far]
    if b.hi <= 63 and min(corners) >= LOWEST and max(corners) <= HIGHEST:
        return Number(value, min(corners), max(corners))
    fits = e.builder.icmp_signed("==", e.builder.ashr(value, distance), a.value)
    if b.hi > 63:
        small = e.builder.icmp_signed("<=", b.value, ir.Constant(WORD, 63))
        zero = e.builder.icmp_signed("==", a.value, ir.Constant(WORD, 0))
        fits = e.builder.and_(fits, e.builder.or_(small, zero))
    e.guard(fits, OVERFLOW, place)
    return Number(value, max(min(corners), LOWEST), min(max(corners), HIGHEST))


def _shift_right(e: Emitter, a: Number, b: Number, place: object) -> Number:
    value = e.builder.ashr(a.value, _distance(e, b, place))
    near, far = min(max(b.lo, 0), 63), min(max(b.hi, 0), 63)
    corners = [x >> n for x in (a.lo, a.hi) for n in (near, far)]
    return Number(value, min(corners), max(corners))


def _and(e: Emitter, a: Number, b: Number, place: object) -> Number:
    value = e.builder.and_(a.value, b.value)
    tops = [x.hi for x in (a, b) if x.lo >= 0]
    return Number(value, 0, min(tops)) if tops else Number(value)


def _or(e: Emitter, a: Number, b: Number, place: object) -> Number:
    return _spread(e.builder.or_(a.value, b.value), a, b)


def _xor(e: Emitter, a: Number, b: Number, place: object) -> Number:
    return _spread(e.builder.xor(a.value, b.value), a, b)


def _spread(value: Value, a: Number, b: Number) -> Number:
    if a.lo < 0 or b.lo < 0:
        return Number(value)
    return Number(value, 0, (1 << max(a.hi, b.hi).bit_length()) - 1)


def _least(e: Emitter, a: Number, b: Number, place: object) -> Number:
    value = e.builder.select(e.builder.icmp_signed("<=", a.value, b.value), a.value, b.value)
    return Number(value, min(a.lo, b.lo), min(a.hi, b.hi))


def _greatest(e: Emitter, a: Number, b: Number, place: object) -> Number:
    value = e.builder.select(e.builder.icmp_signed(">=", a.value, b.value), a.value, b.value)
    return Number(value, max(a.lo, b.lo), max(a.hi, b.hi))


_OPERATIONS: dict[str, Callable[[Emitter, Number, Number, object], Number]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "//": _floor_divide,
    "%": _modulo,
    "<<": _shift_left,
    ">>": _shift_right,
    "&": _and,
    "|": _or,
    "^": _xor,
    "min": _least,
    "max": _greatest,
}
