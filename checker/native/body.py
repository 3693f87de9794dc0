"""Printing the statements of a function that is never suspended as LLVM IR."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir

from checker.frontend import tree as t
from checker.frontend.walk import statements
from checker.native.emit import WORD, Number
from checker.native.exits import ENDLESS, RANGE, THROW
from checker.native.expressions import Expressions
from checker.native.unit import Unit, two_states
from spec.language.schema import Scalar

Value = Any


class Body(Expressions):
    """Prints statements; what suspends or reports is refused."""

    def __init__(self, unit: Unit, function: Value, memory: list[Value], run: Value) -> None:
        super().__init__(unit, function, memory, run)
        self._loops: list[tuple[Value, Value]] = []

    def function_body(self, f: t.Function, args: list[Value]) -> None:
        """Print a whole function whose parameters have these values."""
        for name, arg in zip(f.params, args, strict=True):
            self.slots[name] = self.slot(name, arg)
        self.locals_of(f.body)
        self.body(f.body)
        self.close()

    def locals_of(self, stmts: Iterable[t.Stmt]) -> None:
        """Give each local that statements assign a place."""
        for s in statements(stmts):
            for name in s.names if isinstance(s, t.Assign) else [s.name] if isinstance(s, t.ForRange) else []:
                if name not in self.slots:
                    self.slots[name] = self.slot(name)

    def body(self, stmts: Iterable[t.Stmt]) -> None:
        """Print statements; those behind a return, throw, break or continue are never reached."""
        for s in stmts:
            if self.ended:
                return
            method: Callable[[Any], None] | None = getattr(self, "_s_" + type(s).__name__.lower(), None)
            if method is None:
                raise self.refuse(s)
            method(s)

    def _s_assign(self, s: t.Assign) -> None:
        values = [self.value(s.value).value] if len(s.names) == 1 else self.results(s.value)
        for name, value in zip(s.names, values, strict=True):
            self.builder.store(value, self.slots[name])

    def _s_store(self, s: t.Store) -> None:
        c = self.unit.layout.cells[s.record, s.field]
        number = self.fitting(self.value(s.value), c.scalar, s.place, f"{s.record}.{s.field}")
        self.store_cell(number, self.address(s), c)

    def fitting(self, number: Number, scalar: Scalar, place: object, what: str) -> Value:
        """The value as a cell takes it: wrapped, or checked against its range."""
        if (scalar.lo <= number.lo and number.hi <= scalar.hi) or scalar.kind in ("bool", "ref"):
            return number.value
        if scalar.kind == "wrap":
            return self.builder.and_(number.value, ir.Constant(WORD, scalar.hi))
        self.within(number.value, scalar, place, what)
        return number.value

    def within(self, value: Value, scalar: Scalar, place: object, what: str) -> None:
        """End the step unless a value is in its declared range."""
        above = self.builder.icmp_signed(">=", value, ir.Constant(WORD, scalar.lo))
        below = self.builder.icmp_signed("<=", value, ir.Constant(WORD, scalar.hi))
        self.guard(self.builder.and_(above, below), RANGE, place, what, value)

    def _s_do(self, s: t.Do) -> None:
        if isinstance(s.value, t.Call):
            self.call(s.value)
        else:
            self.value(s.value)

    def _s_if(self, s: t.If) -> None:
        yes, no, done = self.block("then"), self.block("else"), self.block("fi")
        self.builder.cbranch(self.test(s.test), yes, no)
        for start, inner in ((yes, s.body), (no, s.other)):
            self.enter(start)
            self.body(inner)
            self.jump(done)
        self.enter(done)

    def _s_while(self, s: t.While) -> None:
        left = self.slot("left")
        self.builder.store(ir.Constant(WORD, self.unit.limit), left)
        head, inside, done = self.block("while"), self.block("do"), self.block("done")
        self.jump(head)
        self.enter(head)
        self.builder.cbranch(self.test(s.test), inside, done)
        self.enter(inside)
        rounds = self.builder.sub(self.builder.load(left, typ=WORD), ir.Constant(WORD, 1))
        self.guard(self.builder.icmp_signed(">=", rounds, ir.Constant(WORD, 0)), ENDLESS, s.place, str(self.unit.limit))
        self.builder.store(rounds, left)
        self._loop(s.body, head, done)
        self.jump(head)
        self.enter(done)

    def _s_forrange(self, s: t.ForRange) -> None:
        start, stop = self.value(s.start).value, self.value(s.stop).value
        self._moderate(s, start, stop)
        at = self.slot("at")
        self.builder.store(start, at)
        head, inside, on, done = self.block("for"), self.block("do"), self.block("next"), self.block("done")
        self.jump(head)
        self.enter(head)
        i = self.builder.load(at, typ=WORD)
        self.builder.cbranch(self.builder.icmp_signed("<", i, stop), inside, done)
        self.enter(inside)
        self.builder.store(i, self.slots[s.name])
        self._loop(s.body, on, done)
        self.jump(on)
        self.enter(on)
        self.builder.store(self.builder.add(i, ir.Constant(WORD, 1)), at)
        self.jump(head)
        self.enter(done)

    def _moderate(self, s: t.ForRange, start: Value, stop: Value) -> None:
        """A loop longer than the limit ends the step before its first round."""
        pair = self.builder.sadd_with_overflow(start, ir.Constant(WORD, self.unit.limit))
        short = self.builder.icmp_signed("<=", stop, self.builder.extract_value(pair, 0))
        short = self.builder.or_(short, self.builder.extract_value(pair, 1))
        self.guard(short, ENDLESS, s.place, str(self.unit.limit))

    def _loop(self, stmts: tuple[t.Stmt, ...], again: Value, done: Value) -> None:
        self._loops.append((again, done))
        self.body(stmts)
        self._loops.pop()

    def _s_break(self, s: t.Break) -> None:
        self.jump(self._loops[-1][1])

    def _s_continue(self, s: t.Continue) -> None:
        self.jump(self._loops[-1][0])

    def _s_return(self, s: t.Return) -> None:
        if len(s.values) == 1 and s.values[0].type.kind == "tuple":
            self.finish(self.results(s.values[0]))
        else:
            self.finish([self.value(v).value for v in s.values])

    def _s_throw(self, s: t.Throw) -> None:
        self.stop(THROW, s.place, s.message)

    def _s_count(self, s: t.Count) -> None:
        if self.unit.coverage:
            self.increment(self.unit.run.blocks + 8 * s.block)


def print_function(unit: Unit, f: t.Function, printer: type[Body]) -> None:
    """Print a function that is never suspended.

    Raises
    ------
    LanguageError
        The printer refuses what the function does.
    """
    function = unit.function(f.name)
    pointers = function.args[: len(unit.pointers(f))]
    memory = [pointers[1], pointers[0]] if two_states(f) else [pointers[0], None]
    printer(unit, function, memory, pointers[-1]).function_body(f, function.args[len(pointers) :])
