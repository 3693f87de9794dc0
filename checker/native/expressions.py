"""Printing typed expressions as LLVM IR over the flat state.

References are record numbers and None is 0; truth values are single bits where they steer control, else 0 or 1.
The state must be valid: each cell holds a value of its declared range. What a valid state makes possible is checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from checker.errors import AssumptionError, LanguageError
from checker.frontend import tree as t
from checker.lowering.layout import Cell
from checker.lowering.thread_layout import Slot
from checker.native import arithmetic
from checker.native.context import Run
from checker.native.emit import BIT, BYTE, HIGHEST, WORD, Emitter, Number, constant
from checker.native.exits import INDEX, NULL
from checker.native.unit import Unit, results, two_states

Value = Any

PREDICATES = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
"""LLVM's signed comparison for each of the language's."""


class Expressions(Emitter):
    """Prints the expressions of one function; `Body` adds the statements.

    Parameters
    ----------
    unit : Unit
    function : llvmlite.ir.Function
        Declared, without a body.
    memory : list
        Pointers to the present state and, or None, to the one before the step.
    run : pointer
        The `Run` in which the function executes.

    Attributes
    ----------
    slots : dict
        Where each local lies.
    """

    def __init__(self, unit: Unit, function: Value, memory: list[Value], run: Value) -> None:
        super().__init__(function, unit.exits)
        self.unit = unit
        self.memory = memory
        self.run = run
        self.slots: dict[str, Value] = {}

    def refuse(self, what: t.Expr | t.Stmt) -> LanguageError:
        """The error for what cannot be done here."""
        return LanguageError(
            str(what.place),
            f"{what_of(what)} in a native function that is never suspended and reports nothing: "
            "run it as part of a thread or as a property",
        )

    def run_field(self, offset: int) -> Value:
        """A pointer to a word of the `Run`."""
        return self.builder.gep(self.run, [ir.Constant(WORD, offset)], source_etype=BYTE)

    def increment(self, offset: int) -> None:
        """Add one to a counter of the `Run`."""
        counter = self.run_field(offset)
        self.builder.store(self.builder.add(self.builder.load(counter, typ=WORD), ir.Constant(WORD, 1)), counter)

    def value(self, e: t.Expr) -> Number:
        """The number of an expression."""
        method: Callable[[Any], Number] | None = getattr(self, "_e_" + type(e).__name__.lower(), None)
        if method is None:
            raise self.refuse(e)
        return method(e)

    def test(self, e: t.Expr) -> Value:
        """The bit of a truth value."""
        if isinstance(e, t.Compare):
            left, right = self.value(e.left).value, self.value(e.right).value
            return self.builder.icmp_signed(PREDICATES[e.op], left, right)
        if isinstance(e, t.Logic):
            return self._logic(e)
        if isinstance(e, t.Unary) and e.op == "not":
            return self.builder.not_(self.test(e.operand))
        return self.builder.icmp_signed("!=", self.value(e).value, ir.Constant(WORD, 0))

    def reference(self, e: t.Expr) -> Value:
        """The record number of a reference that must not be None: as in Python, an annotation alone does not tell."""
        number = self.value(e)
        if number.lo <= 0:
            self.guard(self.builder.icmp_signed("!=", number.value, ir.Constant(WORD, 0)), NULL, e.place)
        return number.value

    def results(self, e: t.Expr) -> list[Value]:
        """The values of an expression that is a tuple."""
        if not isinstance(e, t.Call):
            raise self.refuse(e)
        return self.call(e)

    def call(self, e: t.Call) -> list[Value]:
        """Call a function; its early end is one of the caller's too."""
        f = self.unit.program.functions[e.function]
        if two_states(f):
            raise self.refuse(e)
        state = self.memory[max([a.type.memory for a in e.args if a.type.kind == "ref"], default=0)]
        args = [self.value(a).value for a in e.args]
        result = self.builder.call(self.unit.function(f.name), [state, self.run, *args])
        self.propagate(result)
        return [self.builder.extract_value(result, i + 1) for i in range(len(results(f.result)))]

    def propagate(self, result: Value) -> None:
        """End the step if the called function has ended it."""
        status = self.builder.extract_value(result, 0)
        ok = self.builder.icmp_signed("==", status, ir.Constant(status.type, 0))
        self.guard_with(ok, status, self.builder.extract_value(result, 1))

    def address(self, e: t.Load | t.Store | t.Acquire | t.Release | t.Atomic) -> Value:
        """A pointer to a cell."""
        c = self.unit.layout.cells[e.record, e.field]
        number, stride = self.reference(e.ref), c.length * c.width
        offset = self.builder.mul(number, ir.Constant(WORD, stride))
        offset = self.builder.add(offset, ir.Constant(WORD, c.base - stride))
        at = getattr(e, "index", None)
        if at is not None:
            index = self._index(at, c.length, e.place)
            offset = self.builder.add(offset, self.builder.mul(index, ir.Constant(WORD, c.width)))
        return self.builder.gep(self.memory[e.ref.type.memory], [offset], source_etype=BYTE)

    def _index(self, e: t.Expr, length: int, place: t.Place) -> Value:
        index = self.value(e)
        if index.lo < 0 or index.hi >= length:
            inside = self.builder.icmp_unsigned("<", index.value, ir.Constant(WORD, length))
            self.guard(inside, INDEX, place, str(length - 1), index.value)
        return index.value

    def _e_const(self, e: t.Const) -> Number:
        return constant(self.unit.number(e.value, e.place))

    def _e_local(self, e: t.Local) -> Number:
        if e.type.kind == "ref" and not e.type.nullable and e.type.record == self.unit.program.schema.root:
            return constant(1)
        return Number(self.builder.load(self.slots[e.name], typ=WORD))

    def _e_param(self, e: t.Param) -> Number:
        return constant(self.unit.number(self.unit.program.schema.parameters.resolve(e.name), e.place))

    def _e_threadid(self, e: t.ThreadId) -> Number:
        return Number(self.builder.load(self.run_field(Run.offset("who")), typ=WORD), 0, self.unit.program.schema.threads)

    def _e_table(self, e: t.Table) -> Number:
        index = self._index(e.index, len(e.values), e.place)
        entry = self.builder.gep(self.unit.table(e.values, e.place), [index], source_etype=WORD)
        return Number(self.builder.load(entry, typ=WORD), min(e.values), max(e.values))

    def _e_load(self, e: t.Load) -> Number:
        c = self.unit.layout.cells[e.record, e.field]
        return self.load_cell(self.address(e), c)

    def load_cell(self, address: Value, c: Cell | Slot) -> Number:
        """The content of a cell, or of a saved local."""
        value = self.builder.load(address, align=1, typ=ir.IntType(8 * c.width))
        if c.width < 8:
            value = self.builder.zext(value, WORD)
        if c.bias:
            value = self.builder.add(value, ir.Constant(WORD, c.bias))
        return Number(value, c.scalar.lo, c.scalar.hi)

    def store_cell(self, number: Value, address: Value, c: Cell | Slot) -> None:
        """Put a value that fits into a cell."""
        if c.bias:
            number = self.builder.sub(number, ir.Constant(WORD, c.bias))
        if c.width < 8:
            number = self.builder.trunc(number, ir.IntType(8 * c.width))
        self.builder.store(number, address, align=1)

    def _e_nested(self, e: t.Nested) -> Number:
        f = self.unit.program.schema.records[e.record].fields[e.field]
        number = self.reference(e.ref)
        length = 1 if f.length is None else f.length
        if not f.first:  # there is no record that could hold this one
            self.guard(ir.Constant(BIT, 0), NULL, e.place)
            return Number(number, 1, HIGHEST)
        step = f.first[1] - f.first[0] if len(f.first) > 1 else length
        if any(b - a != step for a, b in zip(f.first, f.first[1:], strict=False)):
            firsts = self.unit.table((0, *f.first), e.place)
            start = self.builder.load(self.builder.gep(firsts, [number], source_etype=WORD), typ=WORD)
        else:
            start = self.builder.mul(number, ir.Constant(WORD, step))
            start = self.builder.add(start, ir.Constant(WORD, f.first[0] - step))
        if e.index is None:
            return Number(start, 1, HIGHEST)
        return Number(self.builder.add(start, self._index(e.index, length, e.place)), 1, HIGHEST)

    def _e_unary(self, e: t.Unary) -> Number:
        if e.op == "not":
            return self._truth(e)
        operand = self.value(e.operand)
        return arithmetic.invert(self, operand) if e.op == "~" else arithmetic.negate(self, operand, e.place)

    def _e_binary(self, e: t.Binary) -> Number:
        return arithmetic.binary(self, e.op, self.value(e.left), self.value(e.right), e.place)

    def _truth(self, e: t.Expr) -> Number:
        return Number(self.builder.zext(self.test(e), WORD), 0, 1)

    _e_compare = _truth
    _e_logic = _truth

    def _logic(self, e: t.Logic) -> Value:
        done = self.block("done")
        incoming = []
        for item in e.items[:-1]:
            bit, on = self.test(item), self.block(e.op)
            incoming.append((bit, self.builder.block))
            self.builder.cbranch(bit, *((on, done) if e.op == "and" else (done, on)))
            self.enter(on)
        last = self.test(e.items[-1])
        incoming.append((last, self.builder.block))
        self.jump(done)
        self.enter(done)
        phi = self.builder.phi(last.type)
        for bit, block in incoming:
            phi.add_incoming(bit, block)
        return phi

    def _e_conditional(self, e: t.Conditional) -> Number:
        return Number(self.either(self.test(e.test), lambda: self.value(e.then).value, lambda: self.value(e.other).value))

    def _e_mask(self, e: t.Mask) -> Number:
        bits = self.unit.program.schema.parameters.resolve(e.bits)
        mask = (1 << bits) - 1
        if mask > HIGHEST:
            raise AssumptionError(
                f"{e.place}: {e.bits}={bits}, native code has room for 63 at most; use the reference engine (--engine python)"
            )
        return Number(self.builder.and_(self.value(e.operand).value, ir.Constant(WORD, mask)), 0, mask)

    def _e_call(self, e: t.Call) -> Number:
        values = self.call(e)
        return Number(values[0]) if values else constant(0)


def what_of(what: t.Expr | t.Stmt) -> str:
    """A statement or expression by the name of its kind."""
    return repr(type(what).__name__.lower())
