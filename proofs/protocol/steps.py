"""The steps of one of any number of threads, and what is known at the beginning of each.

At each scheduling point the invariant and the guarantee are demanded of the step just done, at any span and any
thread. Then everything is forgotten: the next step begins with an arbitrary heap, of which only the invariant and what
the thread relies on are known, at the spans that it has met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import z3

from checker.frontend import tree as t
from checker.frontend.program import Program
from checker.symbolic.cells import Cells, term
from checker.symbolic.execute import Ends
from checker.symbolic.linear import integer
from checker.symbolic.number import Num, Term
from checker.symbolic.paths import Path
from checker.symbolic.state import State
from checker.symbolic.stepping import ME, Stepper
from proofs.protocol import interference, invariant, stacks
from proofs.protocol.now import MOST_SPANS, MOST_THREADS, Now, fresh_cells
from proofs.protocol.task import in_hand

Clauses = dict[str, Term]
Link = Callable[[Num], Clauses]
"""What is known of a span at the beginning of a step, besides the invariant."""

Demand = Callable[["Steps", str, Clauses], None]
"""Takes the clauses that must hold at a place."""


class Steps(Stepper):
    """One thread among others.

    Parameters
    ----------
    program : Program
    path : Path
    demand : callable
    others
        As for `Splitter`.

    Attributes
    ----------
    before : Now
        The state in which the present step began.
    any_span, any_thread : Num
        What is demanded is demanded of these.
    in_hand : list of Num
        The spans that the thread may have in hand; no others.
    """

    def __init__(self, program: Program, path: Path, demand: Demand, **others: Any) -> None:
        self.demand = demand
        self.in_hand: list[Num] = []
        self._heaps: list[Cells] = []
        self._counts: list[tuple[int, int]] = []
        self._met: dict[int, Num] = {}
        self._frames: list[State] = []
        first = fresh_cells(program.schema, "h0.")
        self.before = self._start = Now(first)
        super().__init__(program, first, path, learn=self._learn, **others)
        self.any_span = self._any("any_span", MOST_SPANS)
        self.any_thread = self._any("any_thread", MOST_THREADS)
        self._enter(self.memory, {}, lambda s: {})
        self.meet(self.any_span)

    def _any(self, name: str, most: int) -> Num:
        constant = z3.Int(name)
        self.path.tell(constant >= 1, constant <= most)
        return integer(constant, 1, most)

    def now(self, state: State) -> Now:
        """The state at present."""
        return Now(self.memory, state.writes)

    def held_spans(self) -> set[int]:
        """What the path can still have to do with: the spans in locals and in hand, and the one that may be any."""
        locals_ = [v for frame in self._frames[: len(self.functions)] for v in frame.locals.values()]
        return {term(v).get_id() for v in (*locals_, *self.in_hand, self.any_span) if isinstance(v, Num)}

    def statement(self, state: State, s: t.Stmt) -> Ends:
        """The only way through one statement."""
        depth = len(self.functions)
        self._frames[depth - 1 :] = [state]
        return super().statement(state, s)

    def meet(self, s: Num) -> None:
        """A span that the path has to do with."""
        self._met.setdefault(term(s).get_id(), s)

    def is_idle(self) -> bool:
        """Whether nothing that matters was read or stored since the last point."""
        return self.idle

    def new_heap(self) -> Now:
        """An arbitrary state; nothing is known of it yet."""
        return Now(fresh_cells(self.program.schema, f"h{len(self._heaps)}."))

    def ends_step(self, state: State, place: str) -> Now:
        """Demand the invariant and the guarantee of the step, if it stored something."""
        b, now, s, u = self.before, self.now(state), self.any_span, self.any_thread
        if self.stored:
            clauses = {
                **invariant.of_heap(now),
                **invariant.of_thread(now, u),
                **invariant.of_span(now, s),
                **interference.of_heap(b, now, ME, s, u),
                **interference.of_span(b, now, ME, s, u),
            }
            self.demand(self, f"step before {place}", clauses)
        return now

    def begins_step(self, state: State, now: Now, heap: Clauses, link: Link) -> None:
        """Go on in another state, of which this much is known besides the invariant."""
        self.note()
        state.writes = {}
        held = self.held_spans()
        self._met = {key: s for key, s in self._met.items() if key in held}
        self._enter(now.memory, heap, link)

    def becomes(self, state: State, now: Now, heap: Clauses, link: Link) -> None:
        """Go on in the same step: the state is another, as the link says, and the invariant need not hold in it."""
        before = self.before
        self.begins_step(state, now, heap, link)
        self.before, self.idle, self.stored, self._believed = before, False, True, False

    def point(self, state: State, place: t.Place) -> None:
        """The step ends; others run; another step begins."""
        left, now = self.ends_step(state, str(place)), self.new_heap()
        heap = interference.relied_on_heap(left, now, ME)
        self.begins_step(state, now, heap, lambda s: interference.relied_on_span(left, now, ME, s))

    def _enter(self, memory: Cells, heap: Clauses, link: Link) -> None:
        self.memory, self._start, self._link = memory, Now(memory), link
        self.before = self._start
        self._heaps.append(memory)
        self._counts.append((0, 0))
        self._instanced: set[int] = set()
        self._known, self._fresh_heap = list(heap.values()), True
        self.idle, self.stored, self._believed = True, False, True

    def _learn(self) -> Iterator[Term]:
        if self._fresh_heap:
            self._fresh_heap = False
            yield from self._known
            if self._believed:
                yield from invariant.of_heap(self.before).values()
                for u in (ME, self.any_thread):
                    yield from invariant.of_thread(self.before, u).values()
        start = self._start
        for key, s in list(self._met.items()):
            if key not in self._instanced:
                self._instanced.add(key)
                yield from self._link(s).values()
                if self._believed:
                    yield from invariant.of_span(start, s).values()
                    yield from in_hand(start, s, self.in_hand, "").values()
                    yield from (stacks.of_sum(start, s, u) for u in (ME, self.any_thread))
                    for ghost in ("owner", "looker"):
                        yield from invariant.of_thread(start, start.span(ghost, s)).values()

    def note(self) -> None:
        """Tell the path what was learnt, and what the names in all heaps mean."""
        self.path.tell(*self.learn())
        for k, memory in enumerate(self._heaps):
            defined, typed = self._counts[k]
            self._counts[k] = (len(memory.definitions), len(memory.typed))
            self.path.tell(*(c == v for c, v in memory.definitions[defined:]), *memory.typed[typed:])
