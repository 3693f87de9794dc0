"""The claims about grow's rounding hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import holds_as_stated, is_refused, named, verdict

import proofs
from proofs.arithmetic.growing import LARGEST, enough, enough_exactly, growing, rounding
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("grow"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    holds_as_stated(name)


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        ("table.round_up", "(n + to - 1) & ~(to - 1)", "n & ~(to - 1)"),
        ("grow.grow", "npage = u64(round_up(npage, sys.grow_pages))", "npage = npage"),
        ("grow.grow", "if ask < sys.heap_alloc_chunk:", "if ask > sys.heap_alloc_chunk:"),
        ("grow.grow", "            ask = u64(npage << sys.page_shift)", "            ask = u64(npage << sys.page_shift) // 2"),
        ("grow.grow", "if ask > u64(npage", "if ask >= u64(npage"),
        ("grow.grow", "span_init(s, v, ask >> sys.page_shift)", "span_init(s, v, npage)"),
        ("grow.grow", "return False", "return True"),
    ],
)
def test_the_claim_about_rounding_notices_a_wrong_grow(function: str, old: str, new: str) -> None:
    premises = {"the request is small enough": lambda npage: npage <= LARGEST}
    is_refused(partial(growing, rounding, (Edit(function, old, new),), premises))


def test_the_rounding_of_requests_is_not_proved_for_one_page_more_than_fit() -> None:
    premises = {"the request is one page too large at most": lambda npage: npage <= LARGEST + 1}
    is_refused(partial(growing, rounding, (), premises))


def test_the_exact_bound_is_lost_when_the_request_is_rounded_down() -> None:
    edit = Edit("table.round_up", "(n + to - 1) & ~(to - 1)", "n & ~(to - 1)")
    is_refused(partial(growing, enough_exactly, (edit,)))


def test_below_the_bound_nothing_can_be_refuted() -> None:
    premises = {"the request is small enough": lambda npage: npage <= LARGEST}
    assert "no counterexample" in verdict(partial(growing, enough, (), premises), "refuted").detail


def test_the_smallest_request_that_gets_too_little_is_named_with_what_the_plain_heap_does() -> None:
    (result,) = proofs.prove(["grow_overflow"])
    assert result.detail.startswith(f"npage={2**51 - 7}: the plain heap's grow asks for 1048576 bytes and returns True")
