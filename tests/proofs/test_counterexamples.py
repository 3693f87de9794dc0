"""A condition that does not follow is shown on the smallest heap, and the explorer says whether that can be reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest

from checker.cli.prove_table import table
from proofs import reachable
from proofs.counterexample import Counterexample, Span
from proofs.heaps import spec_with, variant
from proofs.induction import invariant
from proofs.induction.conditions import keeps
from proofs.induction.operation import Operation
from proofs.induction.operations import FREE_STACK, GROW, SCAVENGE_SPAN
from proofs.kernel import Claim, decide
from proofs.reachable import ask
from spec.language import Edit
from spec.types import FREE, IN_USE, STACK

HEAP = Counterexample(
    condition="P3 coalesced",
    call="free_stack(s=span 2)",
    physical=1,
    used=3,
    used_after=3,
    before=(Span(1, FREE, 0, 1, 0, 1), Span(2, STACK, 1, 1, 0, 0), Span(3, FREE, 2, 1, 0, 1)),
    after=(Span(2, FREE, 0, 2, 0, 1), Span(3, FREE, 2, 1, 0, 1)),
    about=(("page", 1),),
)


def shown(op: Operation, edits: tuple[Edit, ...] = ()) -> Counterexample:
    result, _ = decide(Claim("c", "A statement.", "mheap.go:x", "x.y", partial(keeps, op, edits)))
    assert result.shown is not None, result.detail
    assert result.shown.condition in result.detail
    return result.shown


def places(spans: tuple[Span, ...]) -> list[tuple[int, int, int]]:
    return [(s.state, s.first, s.npages) for s in spans]


def test_a_missing_merge_is_shown_with_the_neighbours_that_it_needs() -> None:
    found = shown(FREE_STACK, variant("B08"))
    assert places(found.before) == [(FREE, 0, 1), (STACK, 1, 1), (FREE, 2, 1)]
    assert places(found.after) == [(FREE, 0, 2), (FREE, 2, 1)]
    assert found.call == "free_stack(s=span 2)"
    assert "reachable, at depth 16" in ask(found, spec_with(variant("B08")))


def test_a_wrong_rounding_is_shown_with_the_physical_pages_that_it_needs() -> None:
    found = shown(SCAVENGE_SPAN, variant("B01"))
    assert (found.physical, places(found.before)) == (2, [(FREE, 0, 2)])
    assert ask(found, spec_with(variant("B01"))).startswith("reachable")


@pytest.mark.slow
def test_growth_that_forgets_dirty_pages_is_shown_beside_them() -> None:
    found = shown(GROW, variant("B10b"))
    assert [s.needzero for s in found.before] == [1]
    assert [s.needzero for s in found.after] == [0]
    assert ask(found, spec_with(variant("B10b"))).startswith("reachable")


def test_a_weak_invariant_is_shown_by_a_heap_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant, "of_span", without("P8 counted as released are whole physical pages", invariant.of_span))
    found = shown(SCAVENGE_SPAN)
    assert max(s.npreleased for s in found.before) > 0
    assert ask(found).startswith("not reachable in this scope")


def without(clause: str, clauses: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """An invariant that lacks a clause, before the operation and after it."""

    def fewer(*args: Any) -> dict[str, Any]:
        return {name: term for name, term in clauses(*args).items() if name != clause}

    return fewer


def test_the_drawing_names_what_stands_where() -> None:
    assert HEAP.lines() == [
        "a heap with the invariant, physical pages of 1 heap page:",
        "  pages 0..2 to the arena's end in use  |.S.|  . free, S stack",
        "  span 1: page 0, free, needzero 1",
        "  span 2: page 1, stack, needzero 0",
        "  span 3: page 2, free, needzero 1",
        "after free_stack(s=span 2):",
        "  pages 0..2 to the arena's end in use  |...|  . free",
        "  span 2: pages 0..1, free, needzero 1",
        "  span 3: page 2, free, needzero 1",
        "broken for page 1",
    ]


def test_a_heap_with_a_gap_and_one_that_is_too_long_to_draw() -> None:
    apart = Counterexample("c", "f()", 4, 9, 9, (Span(1, FREE, 2, 2, 2, 0), Span(2, IN_USE, 5, 1, 0, 0)), (), ())
    assert apart.lines()[1:3] == [
        "  pages 2..5 of 9 in use  |..~#|  . free, ~ of spans that do not matter, # in use",
        "  span 1: pages 2..3, free, 2 counted as released, needzero 0",
    ]
    assert apart.lines()[-1] == "f() does not return"
    long = Counterexample("c", "f()", 1, 1000, 1000, (Span(1, FREE, 0, 1000, 0, 0),), (), ())
    assert long.lines()[1] == "  span 1: pages 0..999, free, needzero 0"
    assert ask(long) == "not asked: it has 1000 pages, and a scope has at most 12"


def test_growth_is_drawn_to_the_new_end() -> None:
    grown = Counterexample("c", "grow(npage=1)", 1, 0, 2, (), (Span(1, FREE, 0, 2, 0, 0),), ())
    assert grown.lines()[-2] == "  pages 0..1 to the arena's end in use  |..|  . free"


def test_a_search_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "LIST_PAGES", 1)
    assert ask(HEAP).startswith("not found out: the search of a small scope failed (heap_alloc_chunk=1 is below")


def test_it_survives_the_way_from_a_claims_process() -> None:
    assert Counterexample.restored(json.loads(json.dumps(asdict(HEAP)))) == HEAP


def test_the_table_shows_it() -> None:
    claim: dict[str, Any] = {"id": "keeps_it", "go": "x", "verdict": "not proved", "ok": False, "seconds": 1.0, "solver": "z3"}
    claim |= {"paths": 1, "conditions": 0, "vacuous": 0, "statement": "S.", "detail": "P3", "assumptions": [], "opinions": []}
    drawn = {"drawn": HEAP.lines(), "reachable": "reachable, at depth 16"}
    text = table({"claims": [{**claim, "counterexample": drawn}]}, 120, verbose=False)
    assert "      pages 0..2 to the arena's end in use  |.S.|  . free, S stack\n" in text
    assert "    reachable, at depth 16\n" in text


def test_another_release_count_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Counterexample("c", "f()", 1, 1, 1, (Span(1, FREE, 0, 1, 0, 7),), (), ())
    assert "none of all" in ask(wrong)
    assert "with another npreleased or needzero at depth" in ask(wrong)
    monkeypatch.setattr(reachable, "STATES", 3)
    assert "not all there are" in ask(HEAP)
