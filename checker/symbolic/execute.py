"""Execution of typed functions, path by path.

An ``if`` whose branches are straight and fall through does not split the path: its branches are joined after it.
Locks are skipped (operations run with the lock free); other scheduling points are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.evaluate import Evaluator, PathEnds, Summary, Trouble
from checker.symbolic.memory import Memory, Value, Write
from checker.symbolic.number import Num, SymbolicError, Term, conjunction, negation, num, within
from checker.symbolic.scope import Scope
from checker.symbolic.state import State, merge

Ends = list[tuple[State, str]]
"""Paths and how they leave a block: ``""`` (fall through), ``return``, ``break`` or ``continue``."""

_Test = Callable[[State, int], tuple[Term, dict[str, Value]]]
"""Whether a loop goes on, and its counter in the next round."""

_IGNORED = (t.Count, t.Given, t.Check, t.EndCheck, t.Acquire, t.Release)


@dataclass(frozen=True, slots=True)
class Run:
    """All that a function can do.

    Attributes
    ----------
    memory : Memory
        The initial heap.
    paths : list of State
        Those that return.
    troubles : list of Trouble
        Every throw and possible error, whether or not it can happen.
    """

    memory: Memory
    paths: list[State]
    troubles: list[Trouble]


def run(
    program: Program,
    function: t.Function,
    args: Mapping[str, Value],
    *,
    variables: Mapping[str, Num] | None = None,
    memory: Memory | None = None,
    premises: list[Term] | None = None,
    summaries: Mapping[str, Summary] | None = None,
    loop_bound: int = 64,
) -> Run:
    """Execute a function for all values at once.

    Parameters
    ----------
    program, function
        The typed function, from `Program.function`.
    args : mapping
        Each parameter's value: a `Num` (also for references: the record's number) or a z3 truth value.
    variables : mapping, optional
        Spec parameters that are variables; all others have the value that the schema was made with.
    memory : Memory, optional
        The initial heap, if the premises speak of it.
    premises : list of z3 terms, optional
        Prune paths.
    summaries : mapping, optional
        Contracts of functions that are not executed but recorded as effects.
    loop_bound : int
        Rounds after which a loop that may go on is refused.

    Raises
    ------
    SymbolicError
        The function does what cannot be executed symbolically.
    """
    scope = Scope(program.schema, variables or {})
    memory = memory if memory is not None else Memory(program.schema)
    executor = Executor(program, scope, memory, premises or [], summaries or {}, loop_bound)
    missing = [p for p in function.params if p not in args]
    if missing:
        raise SymbolicError(str(function.place), f"the parameter {missing[0]!r} of {function.name} has no value")
    state = State(locals={p: args[p] for p in function.params})
    return Run(memory, executor.body(state, function), executor.troubles)


class Executor(Evaluator):
    """Executes statements."""

    def body(self, state: State, function: t.Function) -> list[State]:
        """The paths through a function that return."""
        return [s for s, _ in self.block(state, function.body)]

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec; its paths are joined on return."""
        function = self.program.functions[name]
        saved = state.locals
        inner = state.fork()
        inner.locals = dict(zip(function.params, args, strict=True))
        inner.result = None
        base = inner.fork()
        paths = self.body(inner, function)
        if not paths:
            raise PathEnds
        joined = merge(base, paths)
        result = joined.result
        joined.locals, joined.result = saved, state.result
        state.take(joined)
        return result

    def block(self, state: State, statements: tuple[t.Stmt, ...]) -> Ends:
        """The paths through a list of statements."""
        going, left = [state], []
        for s in statements:
            after: list[State] = []
            for one in going:
                try:
                    for end, how in self.statement(one, s):
                        if how:
                            left.append((end, how))
                        else:
                            after.append(end)
                except PathEnds:
                    continue
            going = after
        return [*left, *((s, "") for s in going)]

    def statement(self, state: State, s: t.Stmt) -> Ends:
        """The paths through one statement."""
        if isinstance(s, _IGNORED):
            return [(state, "")]
        method = getattr(self, "_s_" + type(s).__name__.lower(), None)
        if method is None:
            raise SymbolicError(
                str(s.place), f"{type(s).__name__.lower()} is a scheduling point; operations are run alone, with the lock free"
            )
        ends: Ends = method(state, s)
        return ends

    def _s_assign(self, state: State, s: t.Assign) -> Ends:
        value = self.eval(state, s.value)
        values = (value,) if len(s.names) == 1 else value
        for name, v in zip(s.names, values, strict=True):
            state.locals[name] = v
        return [(state, "")]

    def _s_do(self, state: State, s: t.Do) -> Ends:
        self.eval(state, s.value)
        return [(state, "")]

    def _s_return(self, state: State, s: t.Return) -> Ends:
        values = tuple(self.eval(state, v) for v in s.values)
        state.result = values[0] if len(values) == 1 else (values or None)
        return [(state, "return")]

    def _s_break(self, state: State, s: t.Break) -> Ends:
        return [(state, "break")]

    def _s_continue(self, state: State, s: t.Continue) -> Ends:
        return [(state, "continue")]

    def _s_throw(self, state: State, s: t.Throw) -> Ends:
        self.require(state, z3.BoolVal(False), "throw", s.place, s.message)
        raise AssertionError("a throw ends its path")

    def _s_store(self, state: State, s: t.Store) -> Ends:
        # CPython evaluates the right side first; the typed tree keeps that order for calls on both sides.
        value = self.eval(state, s.value)
        if s.index is None:
            self.scope.check(s.record, s.field, str(s.place))
        number = self.record(state, s.ref, f"{s.record}.{s.field}")
        index = self.index(state, s.index, s.record, s.field) if s.index is not None else None
        scalar = self.memory.scalar(s.record, s.field)
        if scalar.kind == "wrap":
            value = self.low_bits(state, self.integer(value), scalar.hi.bit_length())
        elif scalar.kind == "range":
            value = self.integer(value)
            fits = conjunction([num(scalar.lo) <= value, value <= scalar.hi])
            message = f"{s.record}.{s.field}: stored outside its declared range {scalar.lo}..{scalar.hi}"
            self.require(state, fits, "range", s.place, message)
            value = within(value, scalar.lo, scalar.hi)
        elif scalar.kind == "bool" and isinstance(value, Num):
            what = f"{s.record}.{s.field}"
            raise SymbolicError(str(s.place), f"an integer is stored into the truth value {what}; compare it with 0")
        self.write(state, s.record, s.field, Write(z3.BoolVal(True), number, index, value))
        return [(state, "")]

    def write(self, state: State, record: str, field: str, write: Write) -> None:
        """Store."""
        state.writes[record, field] = (*state.writes.get((record, field), ()), write)

    def _s_if(self, state: State, s: t.If) -> Ends:
        test = self.truth(state, s.test)
        base, ends = state.fork(), []
        for condition, body in ((test, s.body), (negation(test), s.other)):
            branch = state.fork(condition)
            if z3.is_true(condition) or (not z3.is_false(condition) and self.feasible(branch.facts)):
                ends += self.block(branch, body)
        if len(ends) > 1 and all(not how for _, how in ends) and _straight(s):
            return [(merge(base, [end for end, _ in ends]), "")]
        return ends

    def _s_while(self, state: State, s: t.While) -> Ends:
        return self._loop(state, s, lambda one, k: (self.truth(one, s.test), {}))

    def _s_forrange(self, state: State, s: t.ForRange) -> Ends:
        start, stop = self.number(state, s.start), self.number(state, s.stop)
        return self._loop(state, s, lambda one, k: (start + k < stop, {s.name: start + k}))

    def _loop(self, state: State, s: t.While | t.ForRange, test: _Test) -> Ends:
        going, ends = [state], []
        for k in range(self.loop_bound + 1):
            after: list[State] = []
            for one in going:
                enter, counter = test(one, k)
                inside, outside = one.fork(enter), one.fork(negation(enter))
                if not z3.is_true(enter) and self.feasible(outside.facts):
                    ends.append((outside, ""))
                if z3.is_false(enter) or not self.feasible(inside.facts):
                    continue
                inside.locals |= counter
                for end, how in self.block(inside, s.body):
                    if how in ("", "continue"):
                        after.append(end)
                    else:
                        ends.append((end, "" if how == "break" else how))
            going = after
            if not going:
                return ends
        raise SymbolicError(
            str(s.place), f"the loop may go on after {self.loop_bound} rounds; bound it, or give its function a contract"
        )


def _straight(s: t.If) -> bool:
    """Whether both branches hold only assignments, stores and calls."""
    plain = (t.Assign, t.Store, t.Do, t.Count, t.Given, t.Check)
    return all(isinstance(x, plain) for x in (*s.body, *s.other))
