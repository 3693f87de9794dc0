"""Building the control flow of one native function: blocks, slots for locals, guards that stop the step.

A native function returns ``{status, value, ...}``. All early ends share one block, which returns the status and, in
the place of the first value, the number that did not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from checker.native.exits import Exits

Value = Any  # llvmlite has no types

BIT = ir.IntType(1)
BYTE = ir.IntType(8)
STATUS = ir.IntType(32)
WORD = ir.IntType(64)
POINTER = ir.PointerType()

LOWEST, HIGHEST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Number:
    """A 64-bit value of the program with bounds that it is known to keep, so that needless checks are left out."""

    value: Value
    lo: int = LOWEST
    hi: int = HIGHEST


def constant(value: int) -> Number:
    """A known number."""
    return Number(ir.Constant(WORD, value), value, value)


def returned(values: int) -> ir.LiteralStructType:
    """The type of what a native function with so many results returns; there is always room for one."""
    return ir.LiteralStructType([STATUS] + [WORD] * max(values, 1))


class Emitter:
    """The control flow of one function.

    Parameters
    ----------
    function : llvmlite.ir.Function
        Declared, without a body.
    exits : Exits
        Of the module.
    """

    def __init__(self, function: Value, exits: Exits) -> None:
        self.function = function
        self.exits = exits
        self._slots = ir.IRBuilder(function.append_basic_block("slots"))
        self._start = function.append_basic_block("start")
        self.builder = ir.IRBuilder(self._start)
        self._stops: list[tuple[Value, Value, Value]] = []
        self._stop = function.append_basic_block("stop")

    def block(self, name: str) -> Value:
        """A new block."""
        return self.function.append_basic_block(name)

    def enter(self, block: Value) -> None:
        """Go on in a block."""
        self.builder.position_at_end(block)

    def jump(self, block: Value) -> None:
        """Leave for a block, unless control has left already."""
        if not self.ended:
            self.builder.branch(block)

    @property
    def ended(self) -> bool:
        """Whether control has left the present block."""
        return bool(self.builder.block.is_terminated)

    def slot(self, name: str, value: Value | None = None) -> Value:
        """A place for a local, holding 0 or the given value."""
        place = self._slots.alloca(WORD, name=name)
        if value is None:
            self._slots.store(ir.Constant(WORD, 0), place)
        else:
            self.builder.store(value, place)
        return place

    def stop(self, kind: str, place: object, text: str = "", detail: Value | None = None) -> None:
        """End the step here."""
        status = ir.Constant(STATUS, self.exits.number(kind, str(place), text))
        self.stop_with(status, detail)

    def stop_with(self, status: Value, detail: Value | None = None) -> None:
        """End the step with a status known only at run time."""
        self._stops.append((self.builder.block, status, ir.Constant(WORD, 0) if detail is None else detail))
        self.builder.branch(self._stop)

    def guard(self, ok: Value, kind: str, place: object, text: str = "", detail: Value | None = None) -> None:
        """End the step here unless a bit is set."""
        status = ir.Constant(STATUS, self.exits.number(kind, str(place), text))
        self.guard_with(ok, status, detail)

    def guard_with(self, ok: Value, status: Value, detail: Value | None = None) -> None:
        """End the step with the status unless a bit is set."""
        on = self.block("on")
        self._stops.append((self.builder.block, status, ir.Constant(WORD, 0) if detail is None else detail))
        self.builder.cbranch(ok, on, self._stop).set_weights([1 << 20, 1])
        self.enter(on)

    def either(self, test: Value, then: Callable[[], Value], other: Callable[[], Value]) -> Value:
        """The value of one of two computations."""
        yes, no, done = self.block("yes"), self.block("no"), self.block("done")
        self.builder.cbranch(test, yes, no)
        ends = []
        for start, compute in ((yes, then), (no, other)):
            self.enter(start)
            value = compute()
            ends.append((value, self.builder.block))
            self.builder.branch(done)
        self.enter(done)
        phi = self.builder.phi(ends[0][0].type)
        for value, block in ends:
            phi.add_incoming(value, block)
        return phi

    def finish(self, values: list[Value]) -> None:
        """Return normally with the results."""
        result = ir.Constant(self.function.function_type.return_type, None)
        for i, value in enumerate(values):
            result = self.builder.insert_value(result, value, i + 1)
        self.builder.ret(result)

    def close(self) -> None:
        """Return from the end of the function, and give the shared early end its content."""
        if not self.ended:
            self.finish([])
        self._slots.branch(self._start)
        self.enter(self._stop)
        if not self._stops:
            self.builder.unreachable()
            return
        status, detail = self.builder.phi(STATUS), self.builder.phi(WORD)
        for block, s, d in self._stops:
            status.add_incoming(s, block)
            detail.add_incoming(d, block)
        result = self.builder.insert_value(ir.Constant(self.function.function_type.return_type, None), status, 0)
        self.builder.ret(self.builder.insert_value(result, detail, 1))
