"""What the proof of the single steps rests on: what others may do is relied on, and what is a contract without a task."""

from __future__ import annotations

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.frontend.walk import statements
from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.number import Num, Term, num
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from proofs.heaps import typed
from proofs.kernel import Condition, Problem
from proofs.protocol import interference, invariant, stacks
from proofs.protocol.ghosts import NO
from proofs.protocol.logic import TRUE, both, either, equal, implies, neg
from proofs.protocol.now import (
    GHOSTS,
    HERE,
    LOCKS,
    MOST_SPANS,
    MOST_THREADS,
    OF_SPANS,
    WATCHED,
    Now,
    fresh_cells,
    protocol_program,
    watched,
)
from proofs.protocol.relevant import SCHEDULING, parts
from spec.language import Edit

ME, OTHER, THIRD = num(1), num(2), num(3)
"""Two threads, and any other; numbers are only compared."""


def _states(*names: str) -> list[Now]:
    schema = protocol_program().schema
    return [Now(fresh_cells(schema, f"{name}.")) for name in names]


def _span() -> Num:
    return integer(z3.Int("s"), 1, MOST_SPANS)


def _holds(n: Now, s: Num, me: Num) -> list[Term]:
    """The invariant, at a span and the threads that matter to it."""
    threads = [me, OTHER, n.heap("world"), n.span("owner", s), n.span("looker", s)]
    clauses = [invariant.of_heap(n), invariant.of_span(n, s), *(invariant.of_thread(n, u) for u in threads)]
    return [*(c for group in clauses for c in group.values()), *(stacks.of_sum(n, s, u) for u in (me, OTHER))]


def _typed(*states: Now) -> list[Term]:
    return [fact for n in states for fact in n.memory.assumptions()]


def relied_on() -> Problem:
    """What another thread guarantees is relied on; doing nothing is; and relying twice is relying once."""
    s, conditions = _span(), []
    b, n, m = _states("b", "n", "m")
    steps = {
        "another thread's step": [
            *_holds(b, s, ME),
            *_holds(n, s, ME),
            *(c for u in (ME, OTHER) for c in interference.of_heap(b, n, OTHER, s, u).values()),
            *(c for u in (ME, OTHER) for c in interference.of_span(b, n, OTHER, s, u).values()),
        ],
        "no step": [*_holds(b, s, ME), *_equal(b, n, s)],
    }
    for what, given in steps.items():
        conditions += _relied(f"{what} is relied on", b, n, s, given)
    twice = [
        *_holds(b, s, ME),
        *_holds(n, s, ME),
        *_holds(m, s, ME),
        *(c for x, y in ((b, n), (n, m)) for c in interference.relied_on_heap(x, y, ME).values()),
        *(c for x, y in ((b, n), (n, m)) for c in interference.relied_on_span(x, y, ME, s).values()),
    ]
    conditions += _relied("two stretches are one", b, m, s, twice)
    typed_ = _typed(b, n, m)
    conditions = [Condition(c.name, c.when, c.goal, given=(*typed_, *c.given)) for c in conditions]
    return Problem({"s is a span": both(s.term >= 1, s.term <= MOST_SPANS)}, conditions, strategy="integers")


def _relied(what: str, b: Now, n: Now, s: Num, given: list[Term]) -> list[Condition]:
    clauses = interference.relied_on_heap(b, n, ME) | interference.relied_on_span(b, n, ME, s)
    return [Condition(f"{what}: {name}", TRUE, goal, given=tuple(given)) for name, goal in clauses.items()]


def _equal(b: Now, n: Now, s: Num) -> list[Term]:
    """The two states are the same, at this span."""
    fields = [*WATCHED["Span"], *(g for g in GHOSTS if g in OF_SPANS)]
    once = ("sg", *LOCKS, "phase", "nspan", "stopped", "listed", "index", "starting", "quiet", "swept")
    whole = [equal(b.heap(x), n.heap(x)) for x in once]
    return [
        *whole,
        equal(b.cell("", "inside", ME), n.cell("", "inside", ME)),
        equal(b.stacks(ME, s), n.stacks(ME, s)),
        *(equal(b.span(f, s), n.span(f, s)) for f in fields),
    ]


def loops(edits: tuple[Edit, ...] = ()) -> Problem:
    """The loops over all threads and all spans, and the array of all spans: each round does its part, and nothing else."""
    made, conditions = protocol_program(edits), list[Condition]()

    def asks(path: Path) -> None:
        """``nobody_inside`` says no if the flag of the mutator of this round, or the sweeper's, is set."""
        body = typed(made, "environment.world.nobody_inside").body
        (at,) = (k for k, s in enumerate(body) if isinstance(s, t.ForRange))
        loop = body[at]
        assert isinstance(loop, t.ForRange)
        memory, first = fresh_cells(made.schema, ""), made.schema.records["Heap"].fields["mutators"].first[0]
        x = _alone(made, memory, path)
        i = x.fresh("i", 0, MOST_THREADS)
        for what, part, flag in (
            ("the sweeper's flag", body[:at], memory.first("BackgroundSweep", "inside", HERE)),
            ("a mutator's flag", loop.body, memory.first("Mutator", "inside", i + first)),
        ):
            ((end, how),) = x.block(State(locals={"h": HERE, loop.name: i}), part)
            no = z3.BoolVal(how == "return" and z3.is_false(end.result))
            x.note()
            conditions.append(Condition(f"nobody_inside looks at {what}", TRUE, implies(flag, no), given=tuple(path.facts)))

    def begins(path: Path) -> None:
        """A round of ``cycle_begins`` makes its span due if it is in use."""
        function = typed(made, "environment.observer.cycle_begins")
        memory, state = fresh_cells(made.schema, ""), State(locals={"h": HERE})
        x = _alone(made, memory, path)
        (loop,) = (s for s in function.body if isinstance(s, t.ForRange))
        i, s = x.fresh("i", 0, MOST_SPANS - 1), _span()
        state.locals[loop.name] = i
        before, stop = Now(memory), x.number(state, loop.stop)
        conditions.append(Condition("cycle_begins goes over all spans", TRUE, equal(stop, before.heap("nspan"))))
        x.block(state, loop.body)
        now = Now(memory, state.writes)
        goals = {
            "its span is due if it is in use": equal(now.span("due", i + 1), before.in_use(i + 1)),
            "no other span": either(equal(s, i + 1), equal(now.span("due", s), before.span("due", s))),
            "nothing else": z3.BoolVal(set(state.writes) == {("Span", "due")}),
        }
        x.note()
        given = tuple(path.facts)
        conditions.extend(Condition(f"cycle_begins: {name}", TRUE, goal, given=given) for name, goal in goals.items())

    def records(path: Path) -> None:
        """``recordspan`` counts one struct more, in one step, and changes nothing else that the protocol is about."""
        function, memory = typed(made, "table.recordspan"), fresh_cells(made.schema, "")
        x, before = _alone(made, memory, path), Now(memory)
        end = x.run(State(), function, {"h": HERE, "s": x.fresh("s", 1, MOST_SPANS)})
        assert end is not None
        now = Now(memory, end.writes)
        goals = {
            "one struct more": equal(now.heap("nspan"), before.heap("nspan") + 1),
            "nothing else": z3.BoolVal({key for key in end.writes if watched(*key)} == {("Heap", "nspan")}),
            "one step": z3.BoolVal(_is_one_step(made, function)),
        }
        x.note()
        given = tuple(path.facts)
        conditions.extend(Condition(f"recordspan: {name}", TRUE, goal, given=given) for name, goal in goals.items())

    paths = walk(asks, []) + walk(begins, []) + walk(records, [])
    return Problem({}, conditions, paths=paths, strategy="integers")


def _alone(made: Program, memory: Cells, path: Path) -> Splitter:
    everywhere = {
        ("Heap", array): lambda x, state, index: (index >= 0, MOST_SPANS) for array in ("mspans", "mutators", "arrays")
    }
    return Splitter(made, memory, path, bounds=everywhere)


def _is_one_step(made: Program, function: t.Function) -> bool:
    """Whether nothing in a function, or in what it calls, is a scheduling point."""
    for x in (*parts(function.body), *statements(function.body)):
        if isinstance(x, (*SCHEDULING, t.Atomic)):
            return False
        if isinstance(x, (t.Load, t.Store)) and made.schema.records[x.record].fields[x.field].racy is not None:
            return False
        if isinstance(x, t.Call) and not _is_one_step(made, made.functions[x.function]):
            return False
    return True


def beginning() -> Problem:
    """The empty heap satisfies the invariant: nothing is stopped, claimed or initialised."""
    (n,) = _states("i")
    s, u = _span(), integer(z3.Int("u"), 1, MOST_THREADS)
    zero = {
        f"{r}.{f}": n.cell(r, f) for r, f in (("Heap", "lock"), ("Heap", "worldsema"), ("Heap", "gcphase"), ("Heap", "nspan"))
    }
    zero |= {"copy": n.heap("listed"), "breach": n.heap("breach"), **{g: n.heap(g) for g in ("starting", "quiet", "swept")}}
    zero |= {g: n.span(g, s) for g in (*OF_SPANS, "sweeper", "stackfreelist")} | {"inside": n.cell("", "inside", u)}
    premises = {f"{name} is zero": equal(value, NO) for name, value in zero.items()}
    premises |= {"nothing is due": neg(n.span("due", s)), "the world runs": neg(n.heap("stopped"))}
    clauses = invariant.of_heap(n) | invariant.of_thread(n, u) | invariant.of_span(n, s)
    conditions = [Condition(name, TRUE, goal, given=tuple(n.memory.typed)) for name, goal in clauses.items()]
    return Problem(premises | {"s is a span": both(s.term >= 1, s.term <= MOST_SPANS)}, conditions, strategy="integers")
