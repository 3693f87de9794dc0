"""From a condition that does not follow to the smallest heap that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import z3

from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, num
from proofs.counterexample import Counterexample, Span
from proofs.induction.heap import PAGE, Heap, Whole
from proofs.induction.instances import Instances
from spec.types import FREE

PATIENCE = 10_000
"""Milliseconds for one question."""

ANY = "any_"
"""Begins the names of the span, page, list and place that a clause is shown for."""

RATIOS, SIZES = (1, 2, 4, 8, 64), (1, 2, 3, 4, 8, 16, 64, 1 << 60)
"""Heap pages in a physical page, and pages of a span and of a request: the smallest that will do are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A path's heaps, for whoever has to show one.

    Attributes
    ----------
    instances : Instances
        Of the heap before, with the spans that the path has met.
    whole : Whole
    physical : Num
        Bytes in a physical page.
    function : str
    args : sequence of (str, value)
    after : Heap, optional
        If the path returns.
    named : callable
        What is known of the path by now, with what the names of cells in ``after`` mean; nothing without ``after``.
    """

    instances: Instances
    whole: Whole
    physical: Num
    function: str
    args: Sequence[tuple[str, Value]]
    after: Heap | None
    named: Callable[[], list[Term]]


def show(x: Shown, name: str, facts: Sequence[Term], negated: Term) -> Counterexample | None:
    """The smallest heap on which the condition is broken; None if z3 finds none in its time.

    Parameters
    ----------
    x : Shown
    name : str
        Of the condition.
    facts : sequence of term
        What the condition may rely on.
    negated : term
        That it is broken.
    """
    before = x.instances.heap
    with x.instances.quiet():
        seen = [_Seen(before, s) for s in x.instances.spans]
        then = [_Seen(x.after, s.number) for s in seen] if x.after is not None else []
    solver = z3.SimpleSolver()
    solver.set("arith.solver", 2)
    solver.set("timeout", PATIENCE)
    solver.add(*facts, *x.named(), negated)
    model = _smallest(solver, x, seen)
    if model is None:
        return None

    def value(of: Value) -> int:
        if isinstance(of, Num) and of.constant is not None:
            return of.constant
        found = model.eval(of.term if isinstance(of, Num) else of, model_completion=True)
        return int(found.as_long()) if z3.is_int(found) else int(z3.is_true(found))

    used, grown = before.used, x.after.used if x.after is not None else None
    assert used is not None
    spans, later = _shown(seen, value), _shown(then, value)
    names = {number: k for k, number in enumerate(dict.fromkeys(s.number for s in (*spans, *later)), 1)}

    def said(name: str, v: Value) -> str:
        if not isinstance(v, Num):
            return str(bool(value(v)))
        return f"span {names[value(v)]}" if name == "s" and value(v) in names else str(value(v))

    about = {str(c)[len(ANY) :]: value(c) for c in _constants(negated) if str(c).startswith(ANY)}
    return Counterexample(
        condition=name,
        call=f"{x.function}({', '.join(f'{k}={said(k, v)}' for k, v in x.args)})",
        physical=max(value(x.physical) // PAGE, 1),
        used=value(used),
        used_after=value(grown if grown is not None else used),
        before=tuple(replace(s, number=names[s.number]) for s in spans),
        after=tuple(replace(s, number=names[s.number]) for s in later),
        about=tuple((k, names.get(v, v) if k == "span" else v) for k, v in sorted(about.items())),
    )


class _Seen:
    """The terms of a span that is shown."""

    def __init__(self, heap: Heap, s: Num) -> None:
        self.number, self.live, first = s, heap.is_live(s), heap.first(s)
        span = heap.span(s)
        self.first = num(0) if first is None else first
        self.state, self.npages = span.state, span.npages
        self.npreleased, self.needzero = span.npreleased, span.needzero


def _shown(seen: Sequence[_Seen], value: Callable[[Value], int]) -> tuple[Span, ...]:
    found = {}
    for s in seen:
        if value(s.live):
            fields = (s.number, s.state, s.first, s.npages, s.npreleased, s.needzero)
            number, *rest = map(value, fields)
            found[number] = Span(number, *rest)
    return tuple(sorted(found.values(), key=lambda s: (s.first, s.number)))


def _smallest(solver: Term, x: Shown, seen: Sequence[_Seen]) -> Term | None:
    """The model with the smallest physical pages, and of these with the smallest spans, requests and arena."""
    used = x.instances.heap.used
    assert used is not None
    numbers = [v for k, v in x.args if isinstance(v, Num) and k == "npage"]
    for ratio in RATIOS:
        solver.push()
        solver.add(*_physical(x, ratio))
        for size in SIZES:
            small = [disjunction([negation(s.live), s.npages <= size]) for s in seen]
            solver.push()
            solver.add(conjunction([*small, *(n <= size for n in numbers)]))
            if solver.check() == z3.sat:
                arenas = [used <= k * size for k in range(1, 10)]
                # What was freed was in use before, and is dirty, unless it was never handed out.
                plain = [s.npreleased == 0 for s in seen] + [(s.needzero == 1) == (s.state == FREE) for s in seen]
                return _preferring(solver, [arenas, *([p] for p in plain)])
            solver.pop()
        solver.pop()
    return None


def _preferring(solver: Term, wishes: Sequence[Sequence[Term]]) -> Term:
    """The model in which of each wish the first version comes true that can, the earlier wishes before the later."""
    model = solver.model()
    for versions in wishes:
        for version in versions:
            if solver.check(version) == z3.sat:
                model = solver.model()
                solver.add(version)
                break
    return model


def _physical(x: Shown, ratio: int) -> Iterator[Term]:
    """That physical pages have so many heap pages, and that roundings are to them."""
    memory, arena = x.instances.heap.memory, x.instances.heap.arena
    yield x.physical == ratio * PAGE
    if x.whole.ratio is not None:
        yield x.whole.ratio == ratio
    yield arena.term % ratio == 0
    for value, unit in memory.rounded:
        down = memory.round_down(value, unit)
        yield down.term % ratio == 0


def _constants(term: Term) -> Iterator[Term]:
    seen, todo = set(), [term]
    while todo:
        t = todo.pop()
        if t.get_id() not in seen:
            seen.add(t.get_id())
            todo += t.children()
            if z3.is_const(t) and t.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                yield t
