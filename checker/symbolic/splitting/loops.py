"""Loops: round by round, or all at once where each round only stores to the next index of an array."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import z3

from checker.frontend import tree as t
from checker.symbolic.cells import term
from checker.symbolic.execute import Ends
from checker.symbolic.linear import Lin
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, SymbolicError, Term, conjunction
from checker.symbolic.splitting.guards import TRUE, Fork, Guarded
from checker.symbolic.splitting.shapes import is_one_store
from checker.symbolic.state import State


class Loops(Guarded):
    """Executes loops."""

    def _s_while(self, state: State, s: t.While) -> Ends:
        return self._rounds(state, s, lambda k: self.decide(self.eval(state, s.test)))

    def _s_forrange(self, state: State, s: t.ForRange) -> Ends:
        start, stop = self.number(state, s.start), self.number(state, s.stop)
        if is_one_store(s) and self._store_range(state, s, start, stop):
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
        except Fork:
            if self._guards:
                raise
            state.writes = writes
            return False
        finally:
            state.locals = kept
        # What was made for one round may be another thing in the next: a quotient, a read that met stores.
        moving = [*([] if counter.constant is not None else [term(counter)]), *self._fresh[made:]]
        for c, v in self.memory.definitions[defined:]:
            if mentions(v, moving):
                moving.append(c)
        ranged: list[tuple[t.Store, Write]] = []
        for x, value, number, index in found:
            offset = index - counter
            if any(mentions(v, moving) for v in (number, offset, value)):
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


def mentions(value: Value, constants: list[Term]) -> bool:
    """Whether a value depends on one of these."""
    if isinstance(value, Num) and not isinstance(value, Lin):
        return False
    found = value.term if isinstance(value, Num) else value
    return not bool(z3.substitute(found, *((c, z3.FreshConst(c.sort())) for c in constants)).eq(found))
