"""Sweep generations, which are 32-bit words that grow by two each cycle and wrap.

Everything is the text of the spec: the statement that begins a cycle, the round of each loop that looks for a span to
sweep, and the functions that sweep one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import z3

from checker.frontend.program import Program
from checker.symbolic.execute import Ends
from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Num, choice, conjunction, disjunction, low_bits, negation, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import WAITS, Alone, complete, looping, returning, stores
from proofs.arithmetic.plain_heap import PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit, EvaluationError
from spec.types import IN_USE

BITS = REAL["gen_bits"]
TURN = 1 << BITS - 1
"""Cycles after which the generation is the same again."""

SWEEP, SWEEPONE, ENSURE, LIST = (
    "environment.sweep.sweep",
    "environment.sweep.sweepone",
    "environment.sweep.ensure_swept",
    "reclaim.reclaim_list",
)
GC_SWEEP = "environment.collector.gc_sweep"
TRUE = z3.BoolVal(True)
ASSUMES = (
    "the heap's generation stays the same while a thread looks for spans to sweep, and no other thread runs within one look",
    "next_span, list operations and freeSpan are not executed; 32-bit generations",
)


class Sweeping:
    """A heap with one span that is looked at, and what the spec's text does with its generation."""

    def __init__(self, edits: tuple[Edit, ...] = ()) -> None:
        self.made: Program = program(edits)
        self.memory = Memory(self.made.schema)
        self.s, self.list = word(z3.BitVec("s", 63), 1), word(z3.BitVec("spans", 63), 1)
        self.view = View(self.memory)
        self.sg: Num = self.view.root.sweepgen
        self.gen: Num = self.view.record("Span", self.s).sweepgen
        self.in_use = self.view.record("Span", self.s).state == IN_USE

    def executor(self, *summarised: str) -> Alone:
        """An executor that takes the functions named for what they are: calls, of which the first finds the span."""
        answers: dict[str, Value] = {"environment.sweep.next_span": self.s, SWEEP: z3.Bool("freed")}
        return Alone(self.made, self.memory, summaries={f: returning(answers.get(f)) for f in summarised})

    def claiming(self, name: str) -> tuple[Num, Ends]:
        """The generation that a function works with, and its paths through one look at the span.

        A look is one round of the function's loop, or all of it where there is none.
        """
        function = typed(self.made, name)
        executor = self.executor(
            SWEEP,
            "environment.sweep.next_span",
            "lists.remove",
            "lists.insert_back",
            *(f"environment.observer.{f}" for f in ("passes", "list_begins")),
        )
        if name == ENSURE:
            return self.sg, executor.block(State(locals={"h": num(1), "s": self.s}), function.body)
        parts = looping(function)
        start = {"h": num(1), "spans": self.list, "npages": unsigned("npages", 64)}
        ((begun, _),) = executor.block(State(locals=start), parts.before)
        sg: Num = begun.locals["sg"]
        return sg, executor.block(State(locals=begun.locals | {"sg": self.sg, "s": self.s}), parts.loop.body)

    def next_cycle(self) -> Num:
        """The generation after the statement that begins a cycle."""
        function = typed(self.made, GC_SWEEP)
        (store,) = [s for s in stores(function.body) if s.field == "sweepgen"]
        ((path, _),) = self.executor().statement(State(locals={"h": num(1)}), store)
        after: Num = View(self.memory, path.writes).root.sweepgen
        return after

    def after(self, path: State) -> Num:
        """The span's generation after a path."""
        gen: Num = View(self.memory, path.writes).record("Span", self.s).sweepgen
        return gen


def behind(sg: Num, by: int) -> Num:
    """The generation that many before, in a word that wraps."""
    return low_bits(sg - by, BITS)


def claims(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem of who sweeps a span: what each of the functions that claim one does with its generation."""
    w = Sweeping(edits)
    sg, gen = w.sg, w.gen
    due, swept = gen == behind(sg, 2), gen == sg
    three = [behind(sg, 2), behind(sg, 1), sg]
    distinct = conjunction([a != b for i, a in enumerate(three) for b in three[:i]])
    demanded = [Condition("three different generations", TRUE, distinct)]
    for name in (SWEEPONE, LIST, ENSURE):
        looks = conjunction([due, w.in_use]) if name == SWEEPONE else due
        moved = conjunction([negation(w.in_use), z3.BoolVal(name == SWEEPONE)])
        begins, looking = w.claiming(name)
        demanded.append(Condition(f"{name}: begins with the heap's generation", TRUE, begins == sg))
        demanded.append(complete([path for path, _ in looking], ()))
        for path, _ in looking:
            calls = disjunction([e.guard for e in path.effects if e.function == SWEEP])
            expected = choice(looks, behind(sg, 1), choice(moved, sg, gen))
            goals = {"claims and sweeps exactly what is due": calls == looks, "leaves": w.after(path) == expected}
            if name == ENSURE:
                waits = z3.BoolVal(any(e.function == WAITS for e in path.effects))
                goals["waits exactly for what is neither due nor swept"] = waits == negation(disjunction([due, swept]))
            demanded += [Condition(f"{name}: {k}", path.condition(), goal) for k, goal in goals.items()]
    demanded += _sweeping(w)
    return Problem(
        premises={"the span and the list are records": conjunction([w.s >= 1, w.list >= 1])},
        conditions=demanded,
        possible={
            "the generation has just wrapped": conjunction([sg == 0, due, w.in_use]),
            "the span is swept": swept,
            "the span is being swept": gen == behind(sg, 1),
        },
        memory=w.memory,
        inputs={"sweepgen": sg, "generation": gen},
    )


def _sweeping(w: Sweeping) -> list[Condition]:
    """What sweep itself asks of the generation, and leaves."""
    observer = [f"environment.observer.{f}" for f in ("sweep_begins", "writes_bits", "sweep_ends", "pages_freed")]
    executor = w.executor("free.free_span", *observer)
    paths = executor.body(State(locals={"h": num(1), "s": w.s, "preserve": z3.Bool("preserve")}), typed(w.made, SWEEP))
    claimed = conjunction([w.in_use, w.gen == behind(w.sg, 1)])
    out = [Condition("sweep returns only for a claimed span", p.condition(), claimed) for p in paths]
    out += [Condition("sweep leaves a swept span", p.condition(), w.after(p) == w.sg) for p in paths]
    bad = [x for x in executor.troubles if "bad span state" in x.message]
    out += [Condition("sweep throws only for a span that is not claimed", x.condition, negation(claimed)) for x in bad]
    return [*out, Condition("sweep checks the state", TRUE, z3.BoolVal(len(bad) > 0))]


def cycles(edits: tuple[Edit, ...] = (), *, ever: bool = False) -> Problem:
    """The problem of generations over many cycles.

    Parameters
    ----------
    edits : tuple of Edit
    ever : bool
        Ask only that a span that needs sweeping is never taken for swept, of any number of cycles up to a turn.
    """
    w = Sweeping(edits)
    k, first = unsigned("cycles", 64), unsigned("first", BITS)
    later, now = w.next_cycle(), _after(first, k)
    turn = k & (TURN - 1)
    demanded = [
        Condition("an even generation stays even", (w.sg & 1) == 0, (later & 1) == 0),
        Condition("no cycles change nothing", TRUE, _after(first, num(0)) == first),
        Condition("each cycle adds two", w.sg == _after(first, k), later == _after(first, k + 1)),
        Condition("a swept span is due in the next cycle", TRUE, w.sg == behind(later, 2)),
    ]
    for name, gen, reads in (
        ("swept", first, {"swept": (0, 0), "due": (2, 1)}),
        ("due", behind(first, 2), {"swept": (0, TURN - 1), "due": (2, 0)}),
        ("being swept", behind(first, 1), {"being swept": (1, 0)}),
    ):
        for what, (back, cycle) in reads.items():
            goal = (gen == behind(now, back)) == (turn == cycle)
            demanded.append(Condition(f"a span left {name} reads as {what} {cycle} cycles after each turn", TRUE, goal))
        others = [b for b in range(3) if b not in [back for back, _ in reads.values()]]
        demanded += [Condition(f"a span left {name} never reads as {b} behind", TRUE, gen != behind(now, b)) for b in others]
    never = Condition("not taken for swept", k >= 1, behind(first, 2) != now)
    return Problem(
        premises={"cycles since the span was last looked at": k < 1 << 63},
        conditions=[never] if ever else demanded,
        possible={"the generation wraps": conjunction([first == (1 << BITS) - 2, k == 1]), "a whole turn": k == TURN},
        memory=w.memory,
        inputs={"cycles": k, "sweepgen": first},
        smallest=("cycles", "sweepgen"),
        replay=partial(replay, edits),
    )


def _after(first: Num, k: Num) -> Num:
    """The generation after so many cycles."""
    return low_bits(first + k + k, BITS)


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Begin the last of the cycles on the plain heap, then have the span swept; the control is a cycle less."""
    broken, text = _left(edits, values["sweepgen"], values["cycles"])
    control, other = _left(edits, values["sweepgen"], values["cycles"] - 1)
    return Replay(broken, control, f"{text}; a cycle earlier, {other}")


def _left(edits: tuple[Edit, ...], first: int, cycles: int) -> tuple[frozenset[str], str]:
    heap = PlainHeap(edits, spans=1, initialised=True)
    h, s = heap.h, heap.spans[0]
    s.state, s.alloc_count, s.npages, s.sweepgen = IN_USE, 1, 1, first - 2
    h.sweepgen = first + 2 * (cycles - 1)
    heap.call(GC_SWEEP, h, False)
    left, now = s.sweepgen, h.sweepgen
    try:
        heap.call(ENSURE, h, s)
    except EvaluationError:
        return frozenset(), f"ensure_swept waits for ever for generation {left:#x} to become {now:#x}"
    broken = frozenset() if s.alloc_count == 0 else frozenset({"not taken for swept"})
    return broken, f"ensure_swept takes generation {left:#x} for swept at {now:#x}: its object stays counted"
