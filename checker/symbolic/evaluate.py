"""Evaluation of expressions on one path.

An expression never splits its path: what a short circuit or a conditional evaluates only sometimes is evaluated
under a guard, and the paths of a called function are joined when it returns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.memory import Memory, Value, integer, select
from checker.symbolic.number import (
    Num,
    SymbolicError,
    Term,
    choice,
    conjunction,
    disjunction,
    low_bits,
    negation,
    num,
    quotient,
    within,
)
from checker.symbolic.scope import Scope
from checker.symbolic.state import Effect, State, merge

Summary = Callable[["State", tuple[Value, ...]], Value]
"""The contract of a function that is not executed: from the state and the arguments to the result."""


PRUNING = 500
"""Milliseconds for finding out that a path does not exist; one that is kept in vain costs only time."""


class PathEnds(Exception):
    """Nothing can follow on this path."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Where a path would end badly, in a throw or an error of the spec itself; whether it can is for a proof to say.

    Attributes
    ----------
    kind : str
        ``throw``, ``null``, ``index``, ``range`` or ``division``.
    place, message : str
    condition : z3 term
        When it happens.
    """

    kind: str
    place: str
    message: str
    condition: Term


class Evaluator(ABC):
    """Evaluates expressions; `Executor` adds the statements.

    Parameters
    ----------
    program : Program
    scope : Scope
    premises : list of z3 terms
        What is known of the initial state; only prunes paths, so a missing one costs time, never soundness.
    summaries : mapping
        By function name: contracts of functions that are recorded as effects instead of executed.
    loop_bound : int
        Rounds after which a loop that may go on is refused.
    """

    def __init__(
        self,
        program: Program,
        scope: Scope,
        memory: Memory,
        premises: list[Term],
        summaries: Mapping[str, Summary],
        loop_bound: int,
    ) -> None:
        self.program = program
        self.scope = scope
        self.memory = memory
        self.summaries = dict(summaries)
        self.loop_bound = loop_bound
        self.troubles: list[Trouble] = []
        self._solver = z3.Solver()
        self._solver.set("timeout", PRUNING)
        self._solver.add(*premises)
        self._told = (0, 0)

    def feasible(self, facts: tuple[Term, ...]) -> bool:
        """Whether a path with these facts may exist; ``unknown`` counts as yes."""
        known = (len(self.memory.definitions), len(self.memory.typed))
        for constant, term in self.memory.definitions[self._told[0] :]:
            self._solver.add(constant == term)
        self._solver.add(*self.memory.typed[self._told[1] :])
        self._told = known
        self._solver.push()
        self._solver.add(*facts)
        answer = self._solver.check()
        self._solver.pop()
        return bool(answer != z3.unsat)

    def require(self, state: State, ok: Term, kind: str, place: t.Place, message: str) -> None:
        """Note where ``ok`` may fail, and go on where it holds."""
        if z3.is_true(ok) or any(ok.eq(f) for f in state.facts):
            return
        self.troubles.append(Trouble(kind, str(place), message, conjunction([*state.facts, negation(ok)])))
        if z3.is_false(ok):
            raise PathEnds
        state.facts = (*state.facts, ok)

    def eval(self, state: State, e: t.Expr) -> Value:
        """The value of an expression; calls in it change the state."""
        method = getattr(self, "_" + type(e).__name__.lower(), None)
        if method is None:
            raise SymbolicError(str(e.place), f"{type(e).__name__} cannot be executed symbolically")
        return method(state, e)

    def truth(self, state: State, e: t.Expr) -> Term:
        """The value of a test."""
        return self.eval(state, e)

    def number(self, state: State, e: t.Expr) -> Num:
        """The value of an integer or of a reference."""
        return self.integer(self.eval(state, e))

    def integer(self, value: Value) -> Num:
        """A number; a truth value counts as 0 or 1."""
        return integer(value)

    def low_bits(self, state: State, value: Num, bits: int) -> Num:
        """The low bits of a number."""
        return low_bits(value, bits)

    def arithmetic(self, state: State, op: str, a: Num, b: Num) -> Num:
        """The result of an operator."""
        return arithmetic_of(op, a, b)

    def read(self, state: State, record: str, field: str, number: Num, index: Num | None) -> Value:
        """The content of a cell."""
        return self.memory.read(state.writes, record, field, number, index)

    def inside(self, state: State, place: t.Place, record: str, field: str, index: Num) -> Num:
        """An index of an array; one outside it is trouble."""
        self.scope.check(record, field, str(place))
        length = self.program.schema.records[record].fields[field].length
        assert length is not None
        ok = conjunction([num(0) <= index, index < length])
        self.require(state, ok, "index", place, f"{record}.{field}[...]: index outside 0..{length - 1}")
        return within(index, 0, length - 1)

    @abstractmethod
    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec; its paths are joined on return."""

    def record(self, state: State, ref: t.Expr, what: str) -> Num:
        """The record that a reference leads to; None is trouble."""
        number = self.number(state, ref)
        if ref.type.memory:
            raise SymbolicError(str(ref.place), "the state before the step cannot be read symbolically")
        self.require(state, number != 0, "null", ref.place, f"{what} of None")
        return within(number, 1, number.hi)

    def index(self, state: State, e: t.Expr, record: str, field: str) -> Num:
        """An index of an array field; one outside it is trouble."""
        return self.inside(state, e.place, record, field, self.number(state, e))

    def _const(self, state: State, e: t.Const) -> Value:
        return z3.BoolVal(bool(e.value)) if e.type.kind == "bool" else num(e.value)

    def _local(self, state: State, e: t.Local) -> Value:
        if e.name not in state.locals:
            raise SymbolicError(str(e.place), f"{e.name!r} is not set on every path to here")
        return state.locals[e.name]

    def _threadid(self, state: State, e: t.ThreadId) -> Value:
        return num(1)  # operations are run alone

    def _param(self, state: State, e: t.Param) -> Value:
        return self.scope.value(e.name, str(e.place))

    def _table(self, state: State, e: t.Table) -> Value:
        i = self.number(state, e.index)
        inside = conjunction([num(0) <= i, i < len(e.values)])
        self.require(state, inside, "index", e.place, f"constant table: index outside 0..{len(e.values) - 1}")
        value: Value = num(e.values[-1])
        for k in range(len(e.values) - 2, -1, -1):
            value = select(i == k, num(e.values[k]), value)
        return value

    def _load(self, state: State, e: t.Load) -> Value:
        if e.index is None:
            self.scope.check(e.record, e.field, str(e.place))
        number = self.record(state, e.ref, f"{e.record}.{e.field}")
        index = self.index(state, e.index, e.record, e.field) if e.index is not None else None
        return self.read(state, e.record, e.field, number, index)

    def _nested(self, state: State, e: t.Nested) -> Value:
        number = self.record(state, e.ref, f"{e.record}.{e.field}")
        first = self.program.schema.records[e.record].fields[e.field].first
        if number.constant is None and len(first) > 1:
            raise SymbolicError(str(e.place), f"{e.record}.{e.field} of an unknown {e.record} cannot be told; name the record")
        start = first[(number.constant or 1) - 1]
        return num(start) if e.index is None else self.index(state, e.index, e.record, e.field) + start

    def _unary(self, state: State, e: t.Unary) -> Value:
        if e.op == "not":
            return negation(self.truth(state, e.operand))
        value = self.number(state, e.operand)
        return -value if e.op == "-" else ~value

    def _binary(self, state: State, e: t.Binary) -> Value:
        a, b = self.number(state, e.left), self.number(state, e.right)
        if e.op in ("//", "%"):
            self.require(state, b != 0, "division", e.place, "division by zero")
            b = within(b, 1, b.hi) if b.lo == 0 else b
        try:
            return self.arithmetic(state, e.op, a, b)
        except ValueError as error:
            raise SymbolicError(str(e.place), f"{e.op!r}: {error}; bound the operand first") from error

    def _compare(self, state: State, e: t.Compare) -> Value:
        a, b = self.eval(state, e.left), self.eval(state, e.right)
        return _COMPARE[e.op](self.integer(a), self.integer(b))

    def _logic(self, state: State, e: t.Logic) -> Value:
        wanted = e.op == "and"
        items: list[Term] = []
        for item in e.items:
            guard = conjunction([i if wanted else negation(i) for i in items])
            items.append(self._under(state, guard, lambda s, item=item: self.truth(s, item), z3.BoolVal(wanted)))  # type: ignore[misc]
        return conjunction(items) if wanted else disjunction(items)

    def _conditional(self, state: State, e: t.Conditional) -> Value:
        test = self.truth(state, e.test)
        then = self._under(state, test, lambda s: self.eval(s, e.then), None)
        other = self._under(state, negation(test), lambda s: self.eval(s, e.other), None)
        if then is None or other is None:
            return other if then is None else then
        return select(test, then, other)

    def _mask(self, state: State, e: t.Mask) -> Value:
        bits = self.scope.value(e.bits, str(e.place)).constant
        if bits is None:
            raise SymbolicError(str(e.place), f"the width {e.bits!r} is a variable; give this parameter a value")
        return self.low_bits(state, self.number(state, e.operand), bits)

    def _call(self, state: State, e: t.Call) -> Value:
        args = [self.eval(state, a) for a in e.args]
        if e.function in self.summaries:
            state.effects = (*state.effects, Effect(z3.BoolVal(True), e.function, tuple(args)))
            return self.summaries[e.function](state, tuple(args))
        return self.call(state, e.function, args)

    def _under(self, state: State, guard: Term, evaluate: Callable[[State], Any], otherwise: Value) -> Value:
        """A value that is only evaluated where the guard holds; its effects on the state are guarded too."""
        if z3.is_true(guard):
            return evaluate(state)
        if z3.is_false(guard):
            return otherwise
        base, other = state.fork(), state.fork(negation(guard))
        inner = state.fork(guard)
        if not self.feasible(inner.facts):
            state.take(other)
            return otherwise
        known = inner.facts
        try:
            value = evaluate(inner)
        except PathEnds:
            state.take(other)
            return otherwise
        if inner.facts is not known or inner.effects is not base.effects or _stores(inner) != _stores(base):
            state.take(merge(base, [inner, other]))
        return value


def _stores(state: State) -> int:
    """How many stores a path has made."""
    return sum(map(len, state.writes.values()))


def arithmetic_of(op: str, a: Num, b: Num) -> Num:
    """The result of an operator of the language."""
    if op in ("//", "%"):
        return quotient(a, b)[op == "%"]
    if op in ("min", "max"):
        pick = min if op == "min" else max
        value = choice(a <= b if op == "min" else b <= a, a, b)
        return within(value, pick(a.lo, b.lo), pick(a.hi, b.hi))
    return _OPERATORS[op](a, b)


_OPERATORS: dict[str, Callable[[Num, Num], Num]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}
_COMPARE: dict[str, Callable[[Num, Num], Term]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
