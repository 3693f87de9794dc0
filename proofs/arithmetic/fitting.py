"""bestFit by the rule for loops: the choice so far is the best of the spans seen so far.

One round of the loop is executed for an arbitrary heap, an arbitrary set of spans seen and an arbitrary choice among
them; ``x`` is any span, at which the invariant is taken and demanded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import z3

from checker.symbolic.evaluate import Trouble
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone, complete, looping
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.types import FREE

ASSUMES = ("the list ends: its links lead from its first span through each of its spans once",)
TWO = "two spans, both large enough"


class Round:
    """What one round of the loop knows: the spans seen before it, the choice among them, and the next span."""

    def __init__(self, memory: Memory) -> None:
        self.view = View(memory)
        self.s, self.x = word(z3.BitVec("s", 63)), word(z3.BitVec("x", 63))
        self.best, self.npage = word(z3.BitVec("best", 63)), unsigned("npage", 64)
        self.list = word(z3.BitVec("spans", 63))
        self._seen = z3.Function("seen", z3.BitVecSort(63), z3.BoolSort())

    def seen(self, span: Num) -> Term:
        """Whether the span came before this round."""
        return self._seen(span.at(63))

    def fits(self, span: Num) -> Term:
        """Whether the span is large enough."""
        return self.view.record("Span", span).npages >= self.npage

    def no_worse(self, a: Num, b: Num) -> Term:
        """Fewer pages, or as many at no higher address."""
        one, other = self.view.record("Span", a), self.view.record("Span", b)
        lower = conjunction([one.npages == other.npages, one.start_addr <= other.start_addr])
        return disjunction([one.npages < other.npages, lower])

    def invariant(self, best: Num, seen: Term, best_seen: Term) -> dict[str, Term]:
        """The choice is one of those seen and large enough, and no worse than any other of them."""
        return {
            "the choice was seen": z3.Implies(best != 0, best_seen),
            "the choice is large enough": z3.Implies(best != 0, self.fits(best)),
            "none seen is better": z3.Implies(
                conjunction([seen, self.fits(self.x)]), conjunction([best != 0, self.no_worse(best, self.x)])
            ),
        }


def fitting(edits: tuple[Edit, ...] = (), *, two: bool = False, only: tuple[str, ...] = ()) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    edits : tuple of Edit
    two : bool
        Speak of a list of two spans alone, both large enough, so that a counterexample is a heap.
    only : tuple of str
        The conditions to keep; all by default.
    """
    made = program(edits)
    memory = Memory(made.schema)
    r = Round(memory)
    parts = looping(typed(made, "alloc.best_fit"))
    executor = Alone(made, memory)
    true = z3.BoolVal(True)
    start = State(locals={"spans": r.list, "npage": r.npage, "best": r.best})
    ((begun, _),) = executor.block(start, parts.before)
    head = r.view.record("SpanList", r.list)
    demanded = [
        Condition("begins at the first span", true, begun.locals["s"] == head.first),
        Condition("begins with the choice that was given", true, begun.locals["best"] == r.best),
    ]
    middle = State(locals={"spans": r.list, "npage": r.npage, "best": r.best, "s": r.s})
    goes_on = executor.truth(middle, parts.loop.test)
    demanded.append(Condition("goes on exactly while there is a span", true, goes_on == (r.s != 0)))
    rounds = executor.block(middle.fork(goes_on), parts.loop.body)
    demanded.append(complete([path for path, _ in rounds], [*executor.troubles, Trouble("end", "", "", negation(goes_on))]))
    for path, how in rounds:
        demanded += [Condition(name, path.condition(), goal) for name, goal in _round(r, path, how).items()]
    ((ended, _),) = executor.block(State(locals=dict(middle.locals)), parts.after)
    demanded.append(Condition("returns the choice", true, ended.result == r.best))
    demanded += [Condition(f"no {t.kind}: {t.message}", true, negation(t.condition)) for t in executor.troubles]
    premises = {"the lists and spans are records": conjunction([r.list >= 1, r.s >= 1, r.x >= 1])}
    premises |= r.invariant(r.best, r.seen(r.x), r.seen(r.best))
    if two:
        fit = conjunction([r.fits(r.s), r.fits(r.best), r.npage >= 1])
        premises[TWO] = conjunction([r.best != 0, r.best != r.s, fit, r.seen(r.best), disjunction([r.x == r.s, r.x == r.best])])
    one, other = r.view.record("Span", r.best), r.view.record("Span", r.s)
    if two:
        premises["the counterexample is sought among small heaps"] = conjunction(
            [t for n in (one, other) for t in (n.npages <= 8, n.start_addr <= 8 * PAGE, (n.start_addr & (PAGE - 1)) == 0)]
        )
    return Problem(
        premises=premises,
        conditions=[c for c in demanded if not only or c.name in only],
        possible={
            "the next span is better": conjunction([r.best != 0, r.fits(r.s), negation(r.no_worse(r.best, r.s))]),
            "the next span is as long": conjunction([r.best != 0, r.fits(r.s), one.npages == other.npages]),
            "nothing has been chosen yet": r.best == 0,
        },
        memory=memory,
        inputs={
            "npage": r.npage,
            "first npages": one.npages,
            "first address": one.start_addr,
            "second npages": other.npages,
            "second address": other.start_addr,
        },
        smallest=("first npages", "second npages", "npage", "first address", "second address"),
        replay=partial(replay, edits),
    )


def _round(r: Round, path: State, how: str) -> dict[str, Term]:
    best, seen = path.locals["best"], disjunction([r.x == r.s, r.seen(r.x)])
    return {
        **r.invariant(best, seen, disjunction([best == r.s, r.seen(best)])),
        "the next round has the next span": path.locals["s"] == r.view.record("Span", r.s).next,
        "the heap stays as it is": z3.BoolVal(not path.writes and not how),
    }


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Have the plain heap choose from a list of two spans, with these edits and without."""
    broken, text = _choose(edits, values)
    control, other = _choose((), values)
    return Replay(broken, control, f"{text}; unmodified, {other}")


def _choose(edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    heap = PlainHeap(edits, spans=2)
    large, structs = heap.h.freelarge, [heap.spans[0], heap.spans[1]]
    for s, which in zip(structs, ("first", "second"), strict=True):
        s.state, s.npages, s.start_addr = FREE, values[f"{which} npages"], values[f"{which} address"]
        heap.call("lists.insert_back", large, s)
    best = heap.call("alloc.best_fit", large, values["npage"], None)
    least = min((s.npages, s.start_addr) for s in structs)
    broken = frozenset() if (best.npages, best.start_addr) == least else frozenset({"none seen is better"})
    return broken, f"the plain heap chooses {best.npages} pages at {best.start_addr:#x}"
