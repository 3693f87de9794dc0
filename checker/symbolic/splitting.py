"""Execution of typed functions in linear integers, one path a run.

A condition that is not known splits the path, except around a few stores: those are made under a guard, as is what
a short circuit may skip. A loop that only stores, each round to the next index of an array, is one store to a range.
Whatever is not linear (a quotient with a remainder, a word that may wrap, rounding to a variable power of two) is named
by a fresh constant with the linear facts that define it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import expressions, subexpressions
from checker.symbolic.cells import Cells, term
from checker.symbolic.evaluate import Evaluator, PathEnds, Summary, arithmetic_of
from checker.symbolic.execute import Ends, Executor
from checker.symbolic.linear import Lin, divide, integer
from checker.symbolic.memory import Value, Write, select
from checker.symbolic.number import (
    Num,
    SymbolicError,
    Term,
    conjunction,
    disjunction,
    low_bits,
    negation,
    num,
    quotient,
    within,
)
from checker.symbolic.paths import Path
from checker.symbolic.scope import Scope
from checker.symbolic.state import State

FALSE, TRUE = z3.BoolVal(False), z3.BoolVal(True)


@dataclass(frozen=True, slots=True)
class Obligation:
    """What must hold where the path comes by: that no throw and no error happens.

    Attributes
    ----------
    kind : str
        ``throw``, ``null``, ``index``, ``range``, ``division`` or a word of a summary.
    place, message : str
    facts : int
        How many of the path's facts were there before it.
    goal : z3 term
    where : tuple of bool
        The decisions before it; two paths that share them share the obligation.
    """

    kind: str
    place: str
    message: str
    facts: int
    goal: Term
    where: tuple[bool, ...]


Bound = Callable[["Splitter", State, Num], tuple[Term, int]]
"""For an array: whether an index is inside, and the largest that can be."""

Hook = Callable[["Splitter", State, list[Value], Value], None]
"""What happens to ghosts when a function returns, from its arguments and its result."""


class _Fork(Exception):
    """What is under a guard needs a decision: the guard is to be decided first."""


class Splitter(Executor):
    """Executes functions on one path.

    Parameters
    ----------
    program : Program
    cells : Cells
        The initial heap.
    path : Path
    variables : mapping
        Spec parameters that are variables.
    summaries : mapping
        By function name: contracts that stand for calls.
    bounds : mapping
        By (record, field): for arrays whose length is not the declared one.
    after : mapping
        By function name: what ghosts do when it returns.
    learn : callable
        What else is known by now; asked before each decision.
    loop_bound : int
        Rounds after which a loop that may go on is refused.
    """

    memory: Cells

    def __init__(
        self,
        program: Program,
        cells: Cells,
        path: Path,
        *,
        variables: Mapping[str, Num] | None = None,
        summaries: Mapping[str, Summary] | None = None,
        bounds: Mapping[tuple[str, str], Bound] | None = None,
        after: Mapping[str, Hook] | None = None,
        learn: Callable[[], Iterable[Term]] = tuple,
        loop_bound: int = 64,
    ) -> None:
        scope = Scope(program.schema, variables or {})
        Evaluator.__init__(self, program, scope, cells, [], summaries or {}, loop_bound)
        self.path = path
        self.bounds = dict(bounds or {})
        self.after = dict(after or {})
        self.learn = learn
        self.storing: frozenset[str] = frozenset()
        """Functions whose contracts only store, so that they may be under a guard."""
        self.obligations: list[Obligation] = []
        self._guards: list[Term] = []
        self._fresh: list[Term] = []
        self._noted = (0, 0)

    def run(self, state: State, function: t.Function, args: Mapping[str, Value]) -> State | None:
        """Run a function on the present path; None if it ends in a throw."""
        inner = State(locals=dict(args), writes=state.writes)
        try:
            self.block(inner, function.body, ends=True)
        except PathEnds:
            return None
        inner.locals = {}
        return inner

    def fresh(self, name: str, lo: int, hi: int) -> Num:
        """A number that may be any in ``lo..hi``."""
        constant = z3.Int(f"{self.memory.prefix}{name}#{len(self._fresh) + 1}")
        self._fresh.append(constant)
        self.path.tell(lo <= constant, constant <= hi)
        return integer(constant, lo, hi)

    def flag(self, name: str) -> Term:
        """A truth value that may be either."""
        constant = z3.Bool(f"{self.memory.prefix}{name}#{len(self._fresh) + 1}")
        self._fresh.append(constant)
        return constant

    def decide(self, condition: Term) -> bool:
        """Whether the condition holds on this path, which forks if it may not."""
        if self._guards and not z3.is_true(condition) and not z3.is_false(condition):
            raise _Fork
        self.note()
        return self.path.decide(condition)

    def proves(self, condition: Term) -> bool:
        """Whether the condition is known to hold."""
        self.note()
        return self.path.proves(condition)

    def note(self) -> None:
        """Tell the path what was learnt of initial cells."""
        self.path.tell(*self.learn())
        defined, typed = self._noted
        self._noted = (len(self.memory.definitions), len(self.memory.typed))
        self.path.tell(*(c == v for c, v in self.memory.definitions[defined:]), *self.memory.typed[typed:])

    def require(self, state: State, ok: Term, kind: str, place: t.Place, message: str) -> None:
        """Note what must hold here, and go on where it holds."""
        if z3.is_true(ok) or any(g.eq(ok) for g in self._guards):
            return
        self.note()
        guarded = disjunction([*map(negation, self._guards), ok])
        self.oblige(guarded, kind, str(place), message)
        if z3.is_false(guarded):
            raise PathEnds
        self.path.tell(guarded)

    def oblige(self, goal: Term, kind: str, place: str, message: str) -> None:
        """Note what must hold here."""
        self.obligations.append(Obligation(kind, place, message, len(self.path.facts), goal, self.path.place))

    def integer(self, value: Value) -> Num:
        """A number; a truth value counts as 0 or 1."""
        if isinstance(value, Num):
            return value
        bit: Num = self.memory.select(value, num(1), num(0))
        return bit

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec."""
        function = self.program.functions[name]
        if self._guards and not self._is_straight(function.body):
            raise _Fork
        inner = State(locals=dict(zip(function.params, args, strict=True)), writes=state.writes)
        self.block(inner, function.body, ends=True)
        state.writes = inner.writes
        if name in self.after:
            self.after[name](self, state, args, inner.result)
        return inner.result

    def _call(self, state: State, e: t.Call) -> Value:
        if self._guards and e.function in self.summaries and e.function not in self.storing:
            raise _Fork  # a contract tells facts of the whole path
        return super()._call(state, e)

    def write(self, state: State, record: str, field: str, write: Write) -> None:
        """Store, under the guards in force."""
        super().write(state, record, field, replace(write, guard=conjunction([*self._guards, write.guard])))

    def _s_if(self, state: State, s: t.If) -> Ends:
        test = self.eval(state, s.test)
        thrown = _throws(s.body)
        if thrown is not None and not s.other:
            self.require(state, negation(test), "throw", thrown.place, thrown.message)
            return [(state, "")]
        if self._is_simple((*s.body, *s.other)) and not z3.is_true(test) and not z3.is_false(test):
            saved, sides = dict(state.writes), ((test, s.body), (negation(test), s.other))
            try:
                if not self._same_call(state, sides):
                    for guard, body in sides:
                        self.guarded(guard, partial(self.block, state, body))
                return [(state, "")]
            except _Fork:
                state.writes = saved
        return self.block(state, s.body if self.decide(test) else s.other)

    def _same_call(self, state: State, sides: tuple[tuple[Term, tuple[t.Stmt, ...]], ...]) -> bool:
        """Call a function once, if that is what either side does: with the arguments of the side that is taken."""
        (test, _), _ = sides
        calls = [_only_call(body) for _, body in sides]
        first, other = calls
        if first is None or other is None or first.function != other.function or first.function in self.summaries:
            return False
        taken, left = (
            [self.guarded(guard, partial(self.eval, state, a)) for a in call.args]
            for (guard, _), call in zip(sides, (first, other), strict=True)
        )
        self.call(state, first.function, [self.memory.select(test, a, b) for a, b in zip(taken, left, strict=True)])
        return True

    def _is_simple(self, statements: tuple[t.Stmt, ...]) -> bool:
        """Whether statements only store, some of them to a range, or call what does no more."""
        for x in statements:
            if isinstance(x, t.If) and (_throws(x.body) or self._is_simple((*x.body, *x.other))):
                continue
            if isinstance(x, t.Do) and isinstance(x.value, t.Call):
                called = x.value.function
                if called in self.storing:
                    continue
                if called in self.summaries or not self._is_simple(self.program.functions[called].body):
                    return False
            elif not isinstance(x, (t.Store, t.Count)) and not (isinstance(x, t.ForRange) and self._is_one_store(x)):
                return False
        return True

    def _is_straight(self, body: tuple[t.Stmt, ...]) -> bool:
        """Whether a function has one end, and decides on the way at most what to store."""
        rest = body[:-1] if body and isinstance(body[-1], t.Return) else body
        return all(isinstance(x, (t.Assign, t.Do)) or self._is_simple((x,)) for x in rest)

    def guarded(self, guard: Term, action: Callable[[], Any]) -> Any:
        """Do something that counts only where the guard holds."""
        self._guards.append(guard)
        try:
            return action()
        finally:
            self._guards.pop()

    def block(self, state: State, statements: tuple[t.Stmt, ...], ends: bool = False) -> Ends:
        """The only way through a list of statements; ``ends`` if the function returns behind them."""
        for k, s in enumerate(statements):
            rest = statements[k + 1 :]
            if isinstance(s, t.If) and not s.other and _returns(s.body) and (_returns(rest) or (ends and _stores_alone(rest))):
                return self._either_way(state, s, rest)
            for _, how in self.statement(state, s):
                if how:
                    return [(state, how)]
        return [(state, "")]

    def _either_way(self, state: State, s: t.If, rest: tuple[t.Stmt, ...]) -> Ends:
        """What is left of a function from an ``if`` on, where both ways store and return: each under its guard."""
        test = self.eval(state, s.test)
        saved = state.fork()
        try:
            if not z3.is_true(test) and not z3.is_false(test):
                results = []
                for guard, body in ((test, s.body), (negation(test), rest)):
                    self.guarded(guard, partial(self.block, state, body))
                    results.append(state.result)
                    state.result = None
                if all(r is not None for r in results):
                    state.result = self.memory.select(test, *results)
                return [(state, "return")]
        except _Fork:
            state.take(saved)
        self.block(state, s.body if self.decide(test) else rest)
        return [(state, "return")]

    def _s_while(self, state: State, s: t.While) -> Ends:
        return self._rounds(state, s, lambda k: self.decide(self.eval(state, s.test)))

    def _s_forrange(self, state: State, s: t.ForRange) -> Ends:
        start, stop = self.number(state, s.start), self.number(state, s.stop)
        if self._is_one_store(s) and self._store_range(state, s, start, stop):
            return [(state, "")]

        def enter(k: int) -> bool:
            state.locals[s.name] = start + k
            return self.decide(start + k < stop)

        return self._rounds(state, s, enter)

    def _rounds(self, state: State, s: t.While | t.ForRange, enter: Callable[[int], bool]) -> Ends:
        for k in range(self.loop_bound + 1):
            if not enter(k):
                return [(state, "")]
            for _, how in self.block(state, s.body):
                if how == "break":
                    return [(state, "")]
                if how == "return":
                    return [(state, how)]
        raise SymbolicError(
            str(s.place), f"the loop may go on after {self.loop_bound} rounds; bound it, or give its function a contract"
        )

    def _is_one_store(self, s: t.ForRange) -> bool:
        """Whether a loop's body is stores to arrays and nothing else."""
        body = [x for x in s.body if not isinstance(x, t.Count)]
        if not body or not all(isinstance(x, t.Store) and x.index is not None for x in body):
            return False
        stored = {(x.record, x.field) for x in body if isinstance(x, t.Store)}
        read = [e for x in body for top in expressions(x) for e in subexpressions(top)]
        if any(isinstance(e, t.Call) for e in read):
            return False  # what is called may store, and read what is stored
        return not stored & {(e.record, e.field) for e in read if isinstance(e, t.Load)}

    def _store_range(self, state: State, s: t.ForRange, start: Num, stop: Num) -> bool:
        """Do all rounds of a loop at once, if each stores the same value to the next index; else nothing."""
        enters = start < stop
        if z3.is_false(enters):
            return True
        counter, defined = self.fresh(s.name, start.lo, max(start.lo, stop.hi - 1)), len(self.memory.definitions)
        made = len(self._fresh)
        self.path.tell(z3.Implies(enters, conjunction([start <= counter, counter < stop])))
        stores = [x for x in s.body if isinstance(x, t.Store)]
        if len({x.field for x in stores}) < len(stores):
            return False
        kept, writes = state.locals, dict(state.writes)
        state.locals = {**kept, s.name: counter}
        try:
            found = [(x, *self.guarded(enters, partial(self._one_store, state, x))) for x in stores]
        except _Fork:
            if self._guards:
                raise
            state.writes = writes
            return False
        finally:
            state.locals = kept
        # What was made for one round may be another thing in the next: a quotient, a read that met stores.
        moving = [*([] if counter.constant is not None else [term(counter)]), *self._fresh[made:]]
        for c, v in self.memory.definitions[defined:]:
            if _mentions(v, moving):
                moving.append(c)
        ranged: list[tuple[t.Store, Write]] = []
        for x, value, number, index in found:
            offset = index - counter
            if any(_mentions(v, moving) for v in (number, offset, value)):
                return False
            if isinstance(offset, Lin):
                offset = Lin(offset.base, offset.parts)  # that the index is inside is known only if a round happens
            ranged.append((x, Write(TRUE, number, start + offset, self._content(x, value), stop + offset)))
        for x, w in ranged:
            self.write(state, x.record, x.field, w)
        return True

    def _one_store(self, state: State, x: t.Store) -> tuple[Value, Num, Num]:
        """What a store in a loop stores, and where."""
        assert x.index is not None
        value, number = self.eval(state, x.value), self.record(state, x.ref, f"{x.record}.{x.field}")
        return value, number, self.index(state, x.index, x.record, x.field)

    def _content(self, s: t.Store, value: Value) -> Value:
        scalar = self.memory.scalar(s.record, s.field)
        if scalar.kind == "bool":
            return value
        number = self.integer(value)
        if number.lo < scalar.lo or (number.hi > scalar.hi and scalar.kind != "ref"):
            raise SymbolicError(str(s.place), f"{s.record}.{s.field}: a loop stores what may be outside its declared range")
        return number

    def read(self, state: State, record: str, field: str, number: Num, index: Num | None) -> Value:
        """The content of a cell: a choice between the stores that may have been the last to it."""
        pending: list[tuple[Term, Value]] = []
        value: Value = None
        for w in reversed(state.writes.get((record, field), ())):
            hit = w.hits(number, index)
            if self.proves(hit):
                value = w.value
                break
            if not self.proves(negation(hit)):
                pending.append((hit, w.value))
        if value is None:
            value = self.memory.first(record, field, number, index)
        for hit, stored in reversed(pending):
            value = self.memory.select(hit, stored, value)
        return self.memory.named(f"{record}.{field}", value) if pending else value

    def inside(self, state: State, place: t.Place, record: str, field: str, index: Num) -> Num:
        """An index of an array; one outside it is trouble."""
        if (record, field) not in self.bounds:
            return super().inside(state, place, record, field, index)
        ok, most = self.bounds[record, field](self, state, index)
        self.require(state, ok, "index", place, f"{record}.{field}[...]: index outside what is mapped")
        return within(index, 0, most)

    def _logic(self, state: State, e: t.Logic) -> Value:
        wanted = e.op == "and"
        items: list[Term] = []
        for item in e.items:
            guard = conjunction([i if wanted else negation(i) for i in items])
            if z3.is_false(guard):
                break
            try:
                items.append(self.guarded(guard, partial(self.eval, state, item)) if items else self.eval(state, item))
            except _Fork:
                if not self.decide(guard):
                    break
                items.append(self.eval(state, item))
        return conjunction(items) if wanted else disjunction(items)

    def _conditional(self, state: State, e: t.Conditional) -> Value:
        return self.eval(state, e.then if self.decide(self.eval(state, e.test)) else e.other)

    def _table(self, state: State, e: t.Table) -> Value:
        i = self.number(state, e.index)
        if i.constant is not None and 0 <= i.constant < len(e.values):
            return num(e.values[i.constant])
        ok = conjunction([num(0) <= i, i < len(e.values)])
        self.require(state, ok, "index", e.place, f"constant table: index outside 0..{len(e.values) - 1}")
        value = z3.IntVal(e.values[-1])
        for k in range(len(e.values) - 2, -1, -1):
            value = select(i == k, z3.IntVal(e.values[k]), value)
        entry = self.fresh("entry", min(e.values), max(e.values))
        self.path.tell(term(entry) == value)
        return entry

    def low_bits(self, state: State, value: Num, bits: int) -> Num:
        """The low bits of a number: itself where it is known to fit, else it less a multiple of the word."""
        if not isinstance(value, Lin):
            return low_bits(value, bits)
        top = 1 << bits
        if (value.lo >= 0 and value.hi < top) or self.proves(conjunction([value >= 0, value < top])):
            return within(value, 0, top - 1)
        turns = self.fresh("turns", value.lo // top, value.hi // top)
        low = value - turns * top
        self.path.tell(low >= 0, low < top)
        return within(low, 0, top - 1)

    def arithmetic(self, state: State, op: str, a: Num, b: Num) -> Num:
        """The result of an operator."""
        if not isinstance(a, Lin) and not isinstance(b, Lin):
            return super().arithmetic(state, op, a, b)
        try:
            return self._linear(op, a, b)
        except ValueError:
            if self._guards:
                raise _Fork from None
            raise

    def _linear(self, op: str, a: Num, b: Num) -> Num:
        """The result of an operator on numbers of which one is no constant."""
        if op in ("min", "max"):
            value: Num = self.memory.select(a <= b if op == "min" else b <= a, a, b)
            return value
        if op in ("//", ">>", "%"):
            by = b.constant
            if by is None or by < 0:
                raise ValueError("a quotient of two unknown numbers is not linear")
            q = self.quotient(a, 1 << by if op == ">>" else by)
            return within(a - q * by, 0, by - 1) if op == "%" else q
        if op == "&":
            return self._mask_number(a, b)
        if op == "|":
            return self._union(a, b)
        return arithmetic_of(op, a, b)

    def quotient(self, a: Num, by: int) -> Num:
        """``a // by``: exact, or a fresh number between the multiples."""
        if not isinstance(a, Lin):
            return quotient(a, num(by))[0]
        try:
            return divide(a, by)
        except ValueError:
            whole = Lin(0, {k: p for k, p in a.parts.items() if p.factor % by == 0})
            rest = a - whole
            q = self.fresh("quotient", rest.lo // by, rest.hi // by)
            self.path.tell(q * by <= rest, rest < q * by + by)
            return q + (divide(whole, by) if whole.parts else 0)

    def _mask_number(self, a: Num, b: Num) -> Num:
        """``a & b`` where one keeps either the low bits or all but the low bits, up to a power of two."""
        for value, mask in ((a, b), (b, a)):
            known = mask.constant
            if known is not None and known < 0 and -known & (-known - 1) == 0:
                return self.quotient(value, -known) * -known
            if known is not None and known >= 0 and known & (known + 1) == 0:
                return within(value - self.quotient(value, known + 1) * (known + 1), 0, known)
            if isinstance(mask, Lin) and mask.hi < 0:
                return self.round_down(value, -mask)
        raise ValueError("only masks of low bits are executed")

    def _union(self, a: Num, b: Num) -> Num:
        """``a | b``: of two bits exactly, else any number that is at least both and, if one is 0, the other."""
        if a.lo < 0 or b.lo < 0:
            raise ValueError("negative numbers are not united")
        if not self.proves(conjunction([a <= 1, b <= 1])):
            union = self.fresh("union", max(a.lo, b.lo), (1 << max(a.hi, b.hi).bit_length()) - 1)
            self.path.tell(union >= a, union >= b, z3.Implies(a == 0, union == b), z3.Implies(b == 0, union == a))
            return union
        bit: Num = self.memory.select(disjunction([a == 1, b == 1]), num(1), num(0))
        return bit

    def round_down(self, value: Num, unit: Num) -> Num:
        """The largest multiple of a variable power of two that is at most ``value``."""
        if not isinstance(unit, Lin) or len(unit.parts) != 1 or unit.base:
            raise ValueError("the unit of rounding is no variable")
        (part,) = unit.parts.values()
        size = integer(part.atom, part.lo, part.hi)
        return self.memory.round_down(self.quotient(value, part.factor), size) * part.factor


def _stores_alone(statements: tuple[t.Stmt, ...]) -> bool:
    """Whether statements only store, or call what may do the same."""
    return all(isinstance(x, (t.Store, t.Do, t.Assign, t.Count)) for x in statements)


def _returns(statements: tuple[t.Stmt, ...]) -> bool:
    """Whether statements only store, and then return at most one value."""
    last = statements[-1] if statements else None
    return isinstance(last, t.Return) and len(last.values) <= 1 and _stores_alone(statements[:-1])


def _only_call(statements: tuple[t.Stmt, ...]) -> t.Call | None:
    """The call that is all there is in a branch."""
    kept = [x for x in statements if not isinstance(x, t.Count)]
    only = kept[0] if len(kept) == 1 else None
    return only.value if isinstance(only, t.Do) and isinstance(only.value, t.Call) else None


def _throws(statements: tuple[t.Stmt, ...]) -> t.Throw | None:
    """The throw that is all there is in a branch."""
    kept = [x for x in statements if not isinstance(x, t.Count)]
    return kept[0] if len(kept) == 1 and isinstance(kept[0], t.Throw) else None


def _mentions(value: Value, constants: list[Term]) -> bool:
    """Whether a value depends on one of these."""
    if isinstance(value, Num) and not isinstance(value, Lin):
        return False
    found = value.term if isinstance(value, Num) else value
    return not bool(z3.substitute(found, *((c, z3.FreshConst(c.sort())) for c in constants)).eq(found))
