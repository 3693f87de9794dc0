"""The claims about lookups hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import named, verdict

import proofs
from proofs.arithmetic.lookups import looking_up
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("lookup"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lookup_maybe", "v >= h.arena_used", "v > h.arena_used"),
        ("lookup_maybe", "v < h.arena_start or ", ""),
        ("lookup_maybe", "v >= s.limit", "v > s.limit"),
        ("lookup_maybe", "v < base(s) or ", ""),
        ("lookup_maybe", " or s.state != IN_USE", ""),
        ("inheap", "b >= h.arena_used", "b > h.arena_used"),
        ("inheap", " or s.state != IN_USE", ""),
        ("in_heap_or_stack", "b >= h.arena_used", "b > h.arena_used"),
        ("in_heap_or_stack", "return b < s.limit", "return b <= s.limit"),
        ("in_heap_or_stack", "b < base(s) + (", "b <= base(s) + ("),
        ("in_heap_or_stack", " or b < base(s)", ""),
        ("span_of", "p >= h.arena_used", "p > h.arena_used"),
        ("span_of", "p < h.arena_start or ", ""),
    ],
)
def test_the_claim_about_a_lookup_notices_a_wrong_test(name: str, old: str, new: str) -> None:
    result = verdict(partial(looking_up, f"table.{name}", (Edit(f"table.{name}", old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


def test_all_lookups_notice_a_page_index_that_is_one_too_high() -> None:
    edit = Edit("table.page_index", ">> sys.page_shift", "+ sys.page_size >> sys.page_shift")
    for name in ("lookup_maybe", "inheap", "in_heap_or_stack", "span_of"):
        assert "does not follow" in verdict(partial(looking_up, f"table.{name}", (edit,))).detail


def test_the_test_of_zero_is_redundant_where_the_arena_begins_above_it() -> None:
    edit = Edit("table.inheap", "b == 0 or ", "")
    assert verdict(partial(looking_up, "table.inheap", (edit,))).verdict == "proved"
