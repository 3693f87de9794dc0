"""Execution of one thread among others: where the others may run, `Stepper.point` is told.

Points stand where the lowering puts them at fine atomicity: before a racy store, before a racy load without the lock
that protects the field, before an atomic operation, a wait, a choice and an acquisition, and after a release. A point
more is always sound, so a call of a contract and the head of a loop are points too. A loop is run once, from a head
that stands for every round.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.evaluate import PathEnds
from checker.symbolic.execute import Ends
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term, conjunction, num
from checker.symbolic.paths import DeadEnd, Path
from checker.symbolic.splitting import FALSE, TRUE, Splitter
from checker.symbolic.splitting.guards import Fork
from checker.symbolic.state import State

ME = num(1)
"""The number of the thread that runs. Numbers are only compared, so it may be any."""


class Stepper(Splitter):
    """Executes one thread; what the others do is the subclass's to say.

    Parameters
    ----------
    program, cells, path, others
        As for `Splitter`.

    Attributes
    ----------
    held : set of (record, field)
        The locks that the thread holds.
    functions : list of str
        The calls under way, the innermost last.
    place : Place
        Of the statement that is executed.
    """

    def __init__(self, program: Program, cells: Cells, path: Path, **others: Any) -> None:
        super().__init__(program, cells, path, **others)
        self.held: set[tuple[str, str]] = set()
        self.functions: list[str] = []
        self.place: t.Place = next(iter(program.functions.values())).place
        self._still = 0

    @abstractmethod
    def point(self, state: State, place: t.Place) -> None:
        """Other threads may run here: the step ends, and another begins."""

    @abstractmethod
    def is_idle(self) -> bool:
        """Whether nothing was read or stored since the last point, so that another one changes nothing."""

    @abstractmethod
    def loop_begins(self, state: State, s: t.While | t.ForRange) -> None:
        """Make the state that of any round's beginning."""

    @abstractmethod
    def loop_goes_on(self, state: State, s: t.While | t.ForRange) -> None:
        """The round is over: what was supposed of its beginning must hold again."""

    @abstractmethod
    def claimed(self, state: State, record: str, field: str, number: Num) -> None:
        """A compare-and-swap of this thread succeeded."""

    @contextmanager
    def still(self) -> Iterator[None]:
        """While it lasts, there are no points: what a wait tests, and what only the observer does, is one step."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1

    def run(self, state: State, function: t.Function, args: Mapping[str, Value]) -> State | None:
        """Run a function on the present path; None if it ends in a throw, or in the middle of a loop."""
        self.functions.append(function.name)
        return super().run(state, function, args)

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec."""
        self.functions.append(name)
        try:
            if not self.program.functions[name].ghost:
                return super().call(state, name, args)
            with self.still():
                return super().call(state, name, args)
        finally:
            self.functions.pop()

    def statement(self, state: State, s: t.Stmt) -> Ends:
        """The only way through one statement."""
        self.place = s.place
        if isinstance(s, (t.Acquire, t.Release)):
            return self._lock(state, s)
        return super().statement(state, s)

    def may_run(self, state: State, place: t.Place) -> None:
        """A scheduling point, if it matters; under a guard the guard is decided first."""
        if self._still or self.is_idle():
            return
        self.decided()
        self.point(state, place)

    def decided(self) -> None:
        """Have the guard in force decided first, if there is one: what follows cannot be done under it."""
        if any(not z3.is_true(g) for g in self._guards):
            raise Fork

    def may_race(self, state: State, e: t.Load) -> None:
        """A scheduling point before a racy load, unless the lock that protects the field is held."""
        racy = self.program.schema.records[e.record].fields[e.field].racy
        if racy is not None and (self.program.schema.root, racy.lock) not in self.held:
            self.may_run(state, e.place)

    def write(self, state: State, record: str, field: str, write: Write) -> None:
        """Store, behind a point if the field is racy."""
        if record and self.program.schema.records[record].fields[field].racy is not None:
            self.may_run(state, self.place)
        self.store(state, record, field, write)

    def store(self, state: State, record: str, field: str, write: Write) -> None:
        """Store in the present step."""
        super().write(state, record, field, write)

    def _load(self, state: State, e: t.Load) -> Value:
        if e.index is None:
            self.scope.check(e.record, e.field, str(e.place))
        number = self.record(state, e.ref, f"{e.record}.{e.field}")
        index = self.index(state, e.index, e.record, e.field) if e.index is not None else None
        self.may_race(state, e)
        return self.read(state, e.record, e.field, number, index)

    def _threadid(self, state: State, e: t.ThreadId) -> Value:
        return ME

    def _atomic(self, state: State, e: t.Atomic) -> Value:
        number = self.record(state, e.ref, f"{e.record}.{e.field}")
        values = [self.number(state, v) for v in e.values]
        self.may_run(state, e.place)
        found = self.read(state, e.record, e.field, number, None)
        if e.op == "cas":
            if not self.decide(found == values[0]):
                return FALSE
            self.store(state, e.record, e.field, Write(TRUE, number, None, values[1]))
            self.claimed(state, e.record, e.field, number)
            return TRUE
        bits = self.memory.scalar(e.record, e.field).hi.bit_length()
        now = self.low_bits(state, found + values[0], bits)
        self.store(state, e.record, e.field, Write(TRUE, number, None, now))
        return now

    def _lock(self, state: State, s: t.Acquire | t.Release) -> Ends:
        number = self.record(state, s.ref, f"{s.record}.{s.field}")
        takes = isinstance(s, t.Acquire)
        if takes:
            self.may_run(state, s.place)
            self.assume(self.read(state, s.record, s.field, number, None) == 0)
        self.store(state, s.record, s.field, Write(TRUE, number, None, ME if takes else num(0)))
        if takes:
            self.held.add((s.record, s.field))
        else:
            self.held.discard((s.record, s.field))
            self.may_run(state, s.place)
        return [(state, "")]

    def assume(self, condition: Term) -> None:
        """Go on where the condition holds: until then the thread is not scheduled."""
        self.note()
        if z3.is_false(condition):
            raise DeadEnd
        self.path.tell(condition)

    def _s_step(self, state: State, s: t.Step) -> Ends:
        self.may_run(state, s.place)
        return [(state, "")]

    def _s_wait(self, state: State, s: t.Wait) -> Ends:
        self.may_run(state, s.place)
        with self.still():
            self.assume(self.eval(state, s.test))
        return [(state, "")]

    def _s_choose(self, state: State, s: t.Choose) -> Ends:
        self.may_run(state, s.place)
        with self.still():
            for name, bound, (start, stop) in zip(s.names, s.bound or s.names, s.ranges, strict=True):
                first, end = self.number(state, start), self.number(state, stop)
                value = self.fresh(name, first.lo, max(first.lo, end.hi - 1))
                self.path.tell(conjunction([first <= value, value < end]))
                state.locals[name] = state.locals[bound] = value
            if s.where is not None:
                self.assume(self.eval(state, s.where))
        return [(state, "")]

    def _s_while(self, state: State, s: t.While) -> Ends:
        self.loop_begins(state, s)
        return self._round(state, s, self.decide(self.eval(state, s.test)))

    def _s_forrange(self, state: State, s: t.ForRange) -> Ends:
        start, stop = self.number(state, s.start), self.number(state, s.stop)
        self.loop_begins(state, s)
        counter = self.fresh(s.name, start.lo, max(start.lo, stop.hi - 1))
        state.locals[s.name] = counter
        return self._round(state, s, self.decide(conjunction([start <= counter, counter < stop])))

    def _round(self, state: State, s: t.While | t.ForRange, enters: bool) -> Ends:
        if not enters:
            return [(state, "")]
        for _, how in self.block(state, s.body):
            if how == "return":
                return [(state, how)]
            if how == "break":
                return [(state, "")]
        self.loop_goes_on(state, s)
        raise PathEnds
