"""The induction proves the heap as it is, and refuses heaps with a line changed."""

from __future__ import annotations

from functools import partial

import pytest

import proofs
from proofs.heaps import variant
from proofs.induction.conditions import keeps
from proofs.induction.operations import ALLOC_STACK, FREE_SPAN, FREE_STACK, GROW, SCAVENGE_SPAN
from proofs.kernel import Claim, decide
from proofs.mutants.generate import mutants
from proofs.mutants.judge import judge
from spec.language import Edit


def refusal(op: object, *edits: Edit) -> str:
    claim = Claim("c", "A statement.", "mheap.go:x", "x.y", partial(keeps, op, edits))  # type: ignore[arg-type]
    result, proof = decide(claim)
    assert proof is None
    return result.detail


@pytest.mark.parametrize("name", ["starts", "scavenges_free_spans"])
def test_the_base_and_the_scavengers_loop_are_proved(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail


@pytest.mark.slow
@pytest.mark.parametrize("name", [c for c in proofs.identifiers() if c.startswith("keeps_")])
def test_every_operation_keeps_the_invariant(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.paths > 1


@pytest.mark.parametrize("name", ["B01", "B02", "B03"])
def test_wrong_guards_of_the_scavenger_are_refused(name: str) -> None:
    assert "does not follow" in refusal(SCAVENGE_SPAN, *variant(name))


def test_a_throw_on_every_heap_of_a_path_is_refused() -> None:
    wrong = Edit("free.busy_list", "if npages < sys.max_mheap_list:", "if npages >= sys.max_mheap_list:")
    assert "free.py:113" in refusal(FREE_SPAN, wrong)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("op", "name", "clause"),
    [(GROW, "B05", "pages_in_use"), (FREE_STACK, "B08", "P3"), (ALLOC_STACK, "B10", "P12"), (GROW, "B10b", "P12")],
)
def test_known_bugs_are_refused_by_the_clause_that_they_break(op: object, name: str, clause: str) -> None:
    assert clause in refusal(op, *variant(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("            h.spans[p + s.npages - 1] = s\n", "            pass\n"),
        ("            s.npreleased += t.npreleased\n", "            pass\n"),
        ("    insert(free_list(h, s.npages), s)\n", "    pass\n"),
    ],
)
def test_a_deleted_line_of_free_span_locked_is_refused(old: str, new: str) -> None:
    assert "does not follow" in refusal(FREE_STACK, Edit("free.free_span_locked", old, new))


def test_mutants_change_one_place_each_and_none_is_the_original() -> None:
    found = list(mutants(proofs.heaps.spec_with(), "scavenge.scavenge_span"))
    assert len({m.edit for m in found}) == len(found) > 20
    assert {m.rule for m in found} >= {"delete", "negate", "drop", "operator", "compare"}
    assert all(m.edit.old != m.edit.new for m in found)


@pytest.mark.slow
def test_a_mutant_is_refused_or_equal_or_its_cells_are_named() -> None:
    by_text = {f"{m.before} -> {m.after}": m for m in mutants(proofs.heaps.spec_with(), "scavenge.scavenge_span")}
    deleted = judge(by_text["s.npreleased = length >> sys.page_shift -> pass"])
    assert (deleted.kind, "scavenge.scavenge_span" in deleted.detail) == ("refused", True)
    redundant = next(m for text, m in by_text.items() if text.endswith("-> u64(now - s.unusedsince) > limit"))
    assert judge(redundant).kind == "equal"
