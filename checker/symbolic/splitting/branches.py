"""Branches and calls.

A condition that is not known splits the path, except around a few stores: those are made under a guard, as is what
a short circuit may skip.
"""

from __future__ import annotations

from functools import partial

import z3

from checker.frontend import tree as t
from checker.symbolic.execute import Ends
from checker.symbolic.memory import Value
from checker.symbolic.number import Term, conjunction, disjunction, negation
from checker.symbolic.splitting.guards import Fork, Guarded
from checker.symbolic.splitting.shapes import is_one_store, only_call, returns, stores_alone, throws
from checker.symbolic.state import State


class Branches(Guarded):
    """Executes statements one after the other, branches, short circuits and calls."""

    def block(self, state: State, statements: tuple[t.Stmt, ...], ends: bool = False) -> Ends:
        """The only way through a list of statements; ``ends`` if the function returns behind them."""
        for k, s in enumerate(statements):
            rest = statements[k + 1 :]
            if isinstance(s, t.If) and not s.other and returns(s.body) and (returns(rest) or (ends and stores_alone(rest))):
                return self._either_way(state, s, rest)
            for _, how in self.statement(state, s):
                if how:
                    return [(state, how)]
        return [(state, "")]

    def _s_if(self, state: State, s: t.If) -> Ends:
        test = self.eval(state, s.test)
        thrown = throws(s.body)
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
            except Fork:
                state.writes = saved
        return self.block(state, s.body if self.decide(test) else s.other)

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
        except Fork:
            state.take(saved)
        self.block(state, s.body if self.decide(test) else rest)
        return [(state, "return")]

    def _same_call(self, state: State, sides: tuple[tuple[Term, tuple[t.Stmt, ...]], ...]) -> bool:
        """Call a function once, if that is what either side does: with the arguments of the side that is taken."""
        (test, _), _ = sides
        calls = [only_call(body) for _, body in sides]
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
            if isinstance(x, t.If) and ((throws(x.body) and not x.other) or self._is_simple((*x.body, *x.other))):
                continue
            if isinstance(x, t.Do) and isinstance(x.value, t.Call):
                called = x.value.function
                if called in self.storing:
                    continue
                if called in self.summaries or not self._is_simple(self.program.functions[called].body):
                    return False
            elif not isinstance(x, (t.Store, t.Count)) and not (isinstance(x, t.ForRange) and is_one_store(x)):
                return False
        return True

    def _is_straight(self, body: tuple[t.Stmt, ...]) -> bool:
        """Whether a function has one end, and decides on the way at most what to store."""
        rest = body[:-1] if body and isinstance(body[-1], t.Return) else body
        return all(isinstance(x, (t.Assign, t.Do)) or self._is_simple((x,)) for x in rest)

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec."""
        function = self.program.functions[name]
        if self._guards and not self._is_straight(function.body):
            raise Fork
        inner = State(locals=dict(zip(function.params, args, strict=True)), writes=state.writes)
        self.block(inner, function.body, ends=True)
        state.writes = inner.writes
        return inner.result

    def _call(self, state: State, e: t.Call) -> Value:
        if self._guards and e.function in self.summaries and e.function not in self.storing:
            raise Fork  # a contract tells facts of the whole path
        return super()._call(state, e)

    def _logic(self, state: State, e: t.Logic) -> Value:
        wanted = e.op == "and"
        items: list[Term] = []
        for item in e.items:
            guard = conjunction([i if wanted else negation(i) for i in items])
            if z3.is_false(guard):
                break
            try:
                items.append(self.guarded(guard, partial(self.eval, state, item)) if items else self.eval(state, item))
            except Fork:
                if not self.decide(guard):
                    break
                items.append(self.eval(state, item))
        return conjunction(items) if wanted else disjunction(items)

    def _conditional(self, state: State, e: t.Conditional) -> Value:
        return self.eval(state, e.then if self.decide(self.eval(state, e.test)) else e.other)
