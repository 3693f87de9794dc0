"""The loop of the scavenger over one free list: every span that it comes by is free, and in that list."""

from __future__ import annotations

import z3

from checker.frontend import tree as t
from checker.symbolic.execute import Ends
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, conjunction, disjunction
from checker.symbolic.paths import Path, walk
from checker.symbolic.splitting import Splitter
from checker.symbolic.state import State
from proofs.heaps import program, typed
from proofs.induction import invariant
from proofs.induction.conditions import MOST_RATIO, SPANS, Conditions, Setting
from proofs.induction.heap import HERE, LISTS, PAGE, WORD, Heap, Whole, cells
from proofs.induction.instances import Instances
from proofs.induction.operation import Operation
from proofs.kernel import Problem
from spec.language import Edit

SCAVENGELIST = Operation("scavenge.scavengelist", "mheap.go:scavengelist", lambda memory: {}, lambda h, args: {})


class Cursor(Splitter):
    """Runs one round of the loop for any span that satisfies the loop's invariant."""

    heap: Heap
    spans: Num

    def listed(self, s: Num) -> Term:
        """The loop's invariant: none, or a free span of the list."""
        return disjunction([s == 0, conjunction([self.heap.is_free(s), self.heap.span(s).list == self.spans])])

    def _s_while(self, state: State, s: t.While) -> Ends:
        self._shows(state, s, "the first span is one of the list")
        any_span = self.fresh("any", 0, SPANS)
        self.path.tell(self.listed(any_span))
        state.locals["s"] = any_span
        if self.decide(self.eval(state, s.test)):
            self.block(state, s.body)
            self._shows(state, s, "the next span is one of the list")
        return [(state, "")]

    def _shows(self, state: State, s: t.While, what: str) -> None:
        goal = self.listed(state.locals["s"])
        self.note()
        self.oblige(goal, "loop", str(s.place), what)


class Rounds(Conditions):
    """The conditions of the loop."""

    def run(self, scale: str, path: Path) -> None:
        """Run the function with one round of its loop."""
        memory = cells(self.program.schema)
        whole = Whole(memory, memory.ranged(z3.Int("ratio"), 1, MOST_RATIO))
        instances = Instances(memory, whole, {})
        cursor: Cursor

        def scavenge_span(state: State, args: tuple[Value, ...]) -> Value:
            cursor.note()
            cursor.oblige(cursor.heap.is_free(args[1]), "call", "scavenge.scavenge_span", "the span is free")
            return cursor.fresh("released", 0, WORD - 1)

        summaries = {"scavenge.scavenge_span": scavenge_span}
        cursor = Cursor(self.program, memory, path, summaries=summaries, learn=instances.fresh)
        first = self.program.schema.records["Heap"].fields["free"].first[0]
        large = self.program.schema.records["Heap"].fields["freelarge"].first[0]
        cursor.heap, cursor.spans = instances.heap, memory.ranged(z3.Int("spans"), 1, SPANS)
        spans = cursor.spans
        free_list = disjunction([conjunction([spans >= first, spans < first + LISTS]), spans == large])
        self.premises = {**invariant.of_heap(instances.heap), "the list is a free list": free_list}
        self.premises = {name: p for name, p in self.premises.items() if not z3.is_true(p)}
        path.tell(*self.premises.values())
        clock = {name: memory.ranged(z3.Int(name), 0, WORD - 1) for name in ("now", "limit")}
        if cursor.run(State(), self.function, {"h": HERE, "spans": spans, **clock}) is not None:
            self.paths += 1
        physical = memory.ranged(z3.Int("phys_page_size"), 1, MOST_RATIO * PAGE)
        self._oblige(Setting(cursor, instances, whole, clock, scale, physical))


def meets_free_spans(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem: each span that the loop passes to `scavenge_span` satisfies its precondition."""
    made = program(edits, spans=SPANS)
    rounds = Rounds(SCAVENGELIST, made, typed(made, SCAVENGELIST.function))
    walk(lambda path: rounds.run("any physical pages", path), [])
    return Problem(premises=rounds.premises, conditions=rounds.found, paths=rounds.paths, strategy="integers")
