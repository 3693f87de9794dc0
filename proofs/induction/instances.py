"""Instances of the invariant of the heap before an operation, at the spans, pages and lists that a path meets.

The invariant speaks of every span and every page; a path and what is to be shown about it meet a few. Each that the
memory is asked about is registered here, and the path is told the clauses for it. There are no quantifiers: an
instance that is missing can only make a proof fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from checker.symbolic.cells import Cells, term
from checker.symbolic.number import Num, Term, conjunction, disjunction
from proofs.induction import invariant
from proofs.induction.heap import SUMS, Heap, Whole


@dataclass(frozen=True, slots=True)
class _Clauses:
    """Clauses that were made, the roundings in them, and the terms that they are about.

    The terms are kept because they are known by their numbers, and z3 uses the number of a term that is gone again.
    """

    facts: list[Term]
    rounded: list[tuple[Num, Num]]
    about: tuple[Term, ...]


Made = dict[tuple[object, ...], _Clauses]
"""Clauses by what they are about."""


class Instances:
    """Collects terms, and makes the clauses for new ones.

    Parameters
    ----------
    memory : Cells
        The heap before; its `watch` is set.
    whole : Whole
    made : dict
        Clauses that another path has made already: paths meet the same spans.
    """

    def __init__(self, memory: Cells, whole: Whole, made: Made) -> None:
        self.heap = Heap(memory)
        self._memory = memory
        self._whole = whole
        self._made = made
        self._spans: list[Num] = []
        self._points: list[Num] = []
        self._met: set[tuple[str, int]] = set()
        self._waiting: list[tuple[str, Num]] = []
        self._quiet = 0
        memory.watch = self.watch

    def watch(self, record: str, field: str, number: Num, index: Num | None) -> None:
        """The executor reads an initial cell."""
        if self._quiet:
            return
        if record == "Span":
            self.meet("span", number)
        elif record == "SpanList":
            self.meet("list", number)
        elif record == "Heap" and field == "spans" and index is not None:
            self.meet("page", index)
            self.meet("span", self.heap.owner(index))
        elif record == "" and field == "at":
            self.meet("place", number)

    def meet(self, kind: str, number: Num) -> None:
        """A span, page, list or place that the path has to do with; a point is a page of which only the owner matters."""
        key = (kind, term(number).get_id())
        if key not in self._met:
            self._met.add(key)
            self._waiting.append((kind, number))

    def meet_whole(self, s: Num) -> None:
        """A span of which also the table's entries for its ends matter."""
        self.meet("span", s)
        for p in self._ends(s):
            self.meet("page", p)

    @property
    def spans(self) -> tuple[Num, ...]:
        """The spans that were met."""
        return tuple(self._spans)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """While it lasts, reading the heap before registers nothing."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def fresh(self) -> Iterator[Term]:
        """The clauses for what was met since the last time."""
        with self.quiet():
            while self._waiting:
                kind, number = self._waiting.pop(0)
                yield from self._clauses(kind, number)

    def _clauses(self, kind: str, number: Num) -> Iterator[Term]:
        h = self.heap
        if kind == "span":
            yield from self._facts((kind, number), lambda: self._of_span(number))
            for other in self._spans:
                yield from self._facts(("both", number, other), lambda other=other: self._both(number, other))  # type: ignore[misc]
            for p in self._points:
                yield from self._holds(number, p)
            self._spans.append(number)
            for p in self._ends(number):
                self.meet("point", p)
        elif kind == "page":
            yield from self._facts((kind, number), lambda: [*invariant.of_page(h, number).values()])
            self.meet("point", number)
        elif kind == "point":
            for s in self._spans:
                yield from self._holds(s, number)
            self._points.append(number)
        elif kind == "list":
            yield from self._facts((kind, number), lambda: [*invariant.of_list(h, number).values()])
        else:
            yield from self._facts((kind, number), lambda: [*invariant.of_place(h, number).values()])

    def _of_span(self, s: Num) -> list[Term]:
        """The clauses for a span, and that it is one of those that the sums are over."""
        h = self.heap
        # Of all other free spans none counts more pages as released than it has.
        others = h.total("released") - h.share("released", s) <= h.total("free") - h.share("free", s)
        clauses = [*invariant.of_span(h, s, self._whole).values(), *invariant.of_links(h, s).values()]
        return [*clauses, *(h.share(name, s) <= h.total(name) for name in SUMS), others]

    def _both(self, s: Num, other: Num) -> list[Term]:
        """Two spans are two: no sum over all is less than what both add to it."""
        h = self.heap
        return [disjunction([s == other, h.share("live", s) + h.share("live", other) <= h.total("live")])]

    def _holds(self, s: Num, p: Num) -> list[Term]:
        clauses = invariant.of_page_and_span
        return self._facts(("holds", s, p), lambda: [conjunction([*clauses(self.heap, s, p).values()])])

    def _ends(self, s: Num) -> tuple[Num, Num]:
        first = self.heap.first(s)
        assert first is not None
        return first, first + self.heap.span(s).npages - 1

    def _facts(self, about: tuple[str | Num, ...], make: Callable[[], list[Term]]) -> list[Term]:
        """Clauses and the ranges of the cells in them, made once for all paths."""
        named = tuple(term(x) for x in about if isinstance(x, Num))
        key = (about[0], *(x.get_id() for x in named))
        memory = self._memory
        if key in self._made:
            for value, unit in self._made[key].rounded:
                memory.round_down(value, unit)
        else:
            known = len(memory.rounded)
            with memory.noting() as ranges:
                facts = make()
            self._made[key] = _Clauses([*facts, *ranges], memory.rounded[known:], named)
        return self._made[key].facts
