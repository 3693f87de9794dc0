"""Execution of a function of the spec by one of any number of threads: calls, loops, and what is not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import MOST_RECORDS
from checker.symbolic.evaluate import PathEnds
from checker.symbolic.execute import Ends
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term, num
from checker.symbolic.paths import Path
from checker.symbolic.splitting import TRUE
from checker.symbolic.state import State
from proofs.heaps import REAL
from proofs.protocol import ghosts
from proofs.protocol.known import ENDS, FACTS, SUMMARIES
from proofs.protocol.logic import both, implies, unequal
from proofs.protocol.now import HERE, Now, watched
from proofs.protocol.relevant import Relevant
from proofs.protocol.steps import Clauses, Demand, Steps
from proofs.protocol.task import KEEPS, Call, Task, complete, frame, in_hand

FIXALLOC = "environment.fixalloc.fixalloc_alloc"
MOST_MUTATORS = 1 << 20
WIDE = 1 << 70


class Thread(Steps):
    """One thread, at one function.

    Parameters
    ----------
    program : Program
    path : Path
    demand : callable
    task : Task
        What it is at.
    contracts : mapping
        By function: the tasks that are not executed here.
    """

    def __init__(self, program: Program, path: Path, demand: Demand, task: Task, contracts: Mapping[str, Task]) -> None:
        self.task = task
        self.relevant = Relevant(program)
        self._loops: dict[int, Now] = {}
        self._inside_cut = False
        self._returned: dict[str, Value] = {}
        summaries = {name: partial(self._contract, one) for name, one in contracts.items()}
        summaries |= {name: partial(summary, self) for name, summary in SUMMARIES.items()}
        super().__init__(
            program,
            path,
            demand,
            variables={"mutators": num(MOST_MUTATORS)},
            summaries=summaries,
            bounds={("Heap", "mspans"): _counted, ("Heap", "mutators"): _some},
            after=ghosts.AFTER,
        )

    def carry_out(self) -> None:
        """Run the function, and demand at its return what its task says."""
        function, task = self.program.functions[self.task.function], self.task
        args: dict[str, Value] = {"h": HERE} if "h" in function.params else {}
        for name, ends in task.arguments.items():
            args[name] = self.flag(name) if ends is None else self.fresh(name, *ends)
        self.in_hand = [args[name] for name in task.hands]
        if task.locked:
            self.held.add((self.program.schema.root, "lock"))
        start = self.before
        for s in self.in_hand:
            self.meet(s)
        self.path.tell(*task.before(Call(args, start, start), self.any_span).values())
        end = self.run(State(), function, args)
        if end is not None:
            now = self.ends_step(end, "the return")
            call, s = Call(args, start, now, end.result), self.any_span
            self.demand(self, "the return", task.after(call, s) | task.leaves(self._returned, call, s))

    # calls

    def _contract(self, task: Task, state: State, values: tuple[Value, ...]) -> Value:
        """A contract: the callee's steps, and those of others meanwhile."""
        self.decided()
        function, place = self.program.functions[task.function], str(self.place)
        args = dict(zip(function.params, values, strict=True))
        left = self.ends_step(state, place)
        for name in task.hands:
            self.meet(args[name])
        needed = task.inside(args) | task.before(Call(args, left, left), self.any_span)
        self.demand(self, f"{place}, calling {task.function}", needed)
        self.path.tell(*needed.values())
        now, result = self.new_heap(), self.any_of(function.result, "result")
        call = Call(args, left, now, result)
        self.in_hand = []
        self.begins_step(state, now, {}, lambda s: task.after(call, s))
        return result

    def call(self, state: State, name: str, args: list[Value]) -> Value:
        """Call a function of the spec; one that does nothing of interest is any number of steps, and gives any value."""
        function = self.program.functions[name]
        if function.ghost and not self.relevant.stores(name):
            return None
        if name in ghosts.BEFORE:
            ghosts.BEFORE[name](self, state, args)
        if self.relevant.matters(name):
            return super().call(state, name, args)
        self.may_run(state, self.place)
        return self.any_of(function.result, "result")

    def any_of(self, kind: t.Type, name: str) -> Value:
        """Any value of a type."""
        if kind.kind == "none":
            return None
        if kind.kind == "tuple":
            return tuple(self.any_of(k, name) for k in kind.items)
        if kind.kind == "bool":
            return self.flag(name)
        if kind.kind == "ref":
            return self.fresh(name, 0 if kind.nullable else 1, MOST_RECORDS)
        lo, hi = (kind.scalar.lo, kind.scalar.hi) if kind.scalar is not None else (-WIDE, WIDE)
        return self.fresh(name, lo, hi)

    # loops

    def statement(self, state: State, s: t.Stmt) -> Ends:
        """The only way through one statement; a loop or branch that does nothing of interest is any number of steps."""
        if isinstance(s, (t.If, t.While, t.ForRange)) and not self.relevant.statement_matters(s):
            self.decided()
            self.place = s.place
            self.may_run(state, s.place)
            self._havoc(state, s)
            return [(state, "")]
        at_cut = self.task.cuts and not self._inside_cut and self.functions[-1] == self.task.function
        if at_cut and isinstance(s, t.If) and self.relevant.cut(s):
            return self._cut(state, s)
        return super().statement(state, s)

    def _s_return(self, state: State, s: t.Return) -> Ends:
        if len(self.functions) == 1:
            self._returned = dict(state.locals)
        return super()._s_return(state, s)

    def _cut(self, state: State, s: t.If) -> Ends:
        """An ``if`` as a loop: it is left as it is entered, any number of times; so its paths end with it."""
        self.loop_begins(state, s)
        if not self.decide(self.flag("enters")):
            return [(state, "")]
        self._inside_cut = True
        if self.decide(self.eval(state, s.test)):
            self.block(state, s.body)
        self.loop_goes_on(state, s)
        raise PathEnds

    def loop_begins(self, state: State, s: t.Stmt) -> None:
        """Forget the heap and what the loop assigns; keep what every round keeps."""
        self.decided()
        before = self.ends_step(state, str(s.place))
        self.demand(self, f"{s.place}, before the loop", self._kept(state, before, before))
        self._loops[id(s)] = before
        self._havoc(state, s)
        now = self.new_heap()
        kept = self._kept(state, before, now)
        self.in_hand = []
        self.begins_step(state, now, kept, lambda x: in_hand(now, x, [], ""))

    def loop_goes_on(self, state: State, s: t.Stmt) -> None:
        """Demand at the end of a round what was taken for granted at its beginning."""
        now = self.ends_step(state, str(s.place))
        self.demand(self, f"{s.place}, the next round", self._kept(state, self._loops[id(s)], now))

    def _kept(self, state: State, before: Now, now: Now) -> Clauses:
        own: Clauses = {}
        if self.functions[-1] == self.task.function:
            own = self.task.round(state.locals, now) | self.task.ensures_between(state.locals, before, now, self.any_span)
        s = self.any_span
        return {
            **frame(before, now, KEEPS),
            **in_hand(now, s, [], "between rounds"),
            **complete(now, s),
            **self.task.stays(before, now, s),
            **own,
        }

    def _havoc(self, state: State, s: t.Stmt) -> None:
        types = self.program.functions[self.functions[-1]].types
        for name in sorted(self.relevant.assigned(s)):
            state.locals[name] = self.any_of(types[name], name)

    def arithmetic(self, state: State, op: str, a: Num, b: Num) -> Num:
        """The result of an operator; of a shift by an unknown amount, any number from the least to the greatest result."""
        if op == "<<" and b.constant is None and a.lo >= 0 and 0 <= b.lo <= b.hi <= REAL["word_bits"]:
            return self.fresh("shifted", a.lo << b.lo, a.hi << b.hi)
        return super().arithmetic(state, op, a, b)

    # reading and storing

    def _load(self, state: State, e: t.Load) -> Value:
        if watched(e.record, e.field):
            return super()._load(state, e)
        source = self.eval(state, e.ref)
        if e.index is not None:
            self.eval(state, e.index)
        self.may_race(state, e)
        value = self.any_of(e.type, f"{e.record}.{e.field}")
        if (e.record, e.field) in ENDS:
            self.path.tell(value <= ENDS[e.record, e.field])
        fact = FACTS.get((e.record, e.field))
        if fact is not None:
            self.idle = False
            self.meet(value)
            self.path.tell(implies(unequal(value, 0), fact(self, self.now(state), value, source)))
        return value

    def read(self, state: State, record: str, field: str, number: Num, index: Num | None) -> Value:
        """The content of a cell that the protocol is about."""
        self.idle = False
        if record == "Span":
            self.meet(number)
        value = super().read(state, record, field, number, index)
        if (record, field) in ENDS:
            self.path.tell(value <= ENDS[record, field])
        return value

    def store(self, state: State, record: str, field: str, write: Write) -> None:
        """Store, and move the ghosts that hang on it; what the protocol is not about is not stored."""
        moves = ghosts.STORED.get((record, field))
        if not watched(record, field) and moves is None:
            return
        self.decided()
        self.idle, self.stored = False, True
        if record == "Span":
            self.meet(write.number)
        before = self.now(state)
        if watched(record, field):
            super().store(state, record, field, write)
        if moves is not None:
            moves(self, state, before, write)

    def claimed(self, state: State, record: str, field: str, number: Num) -> None:
        """The thread has claimed a span."""
        if (record, field) == ("Span", "sweepgen"):
            ghosts.claims(self, state, number)

    def put(self, state: State, ghost: str, where: Num, value: Num, guard: Term = TRUE, index: Num | None = None) -> None:
        """Give a ghost a value."""
        self.decided()
        self.idle, self.stored = False, True
        state.writes["", ghost] = (*state.writes.get(("", ghost), ()), Write(guard, where, index, value))


def _counted(x: object, state: State, index: Num) -> tuple[Term, int]:
    """An index of the array of all spans is inside if the span is counted; the allocator takes the next."""
    assert isinstance(x, Thread)
    count = x.now(state).heap("nspan")
    return both(index >= 0, index <= count if x.functions[-1] == FIXALLOC else index < count), MOST_RECORDS


def _some(x: object, state: State, index: Num) -> tuple[Term, int]:
    """There may be any number of mutators."""
    return index >= 0, MOST_MUTATORS
