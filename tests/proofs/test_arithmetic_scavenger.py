"""The claims about the scavenger's arithmetic notice planted bugs, and say where the heap breaks.

That each has the verdict that it states is shown by ``test_claims.py``.
"""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import verdict

import proofs
from proofs.arithmetic.ages import ages, naive
from proofs.arithmetic.scavenger import FITS, TOP, released, scavenger
from spec.language import Edit

pytestmark = pytest.mark.slow

SPAN = "scavenge.scavenge_span"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("scavenger_weak_invariant", "npages=4, phys_page_size=16384, npreleased=3, base=8192,"),
        pytest.param(
            "scavenger_top_of_memory",
            f"npages=1, phys_page_size=32768, npreleased=0, base={2**64 - 3 * 8192},",
            marks=pytest.mark.slow,
        ),
        ("scavenger_end_of_memory", f"npages=2, phys_page_size=16384, npreleased=0, base={2**64 - 16384},"),
        ("scavenger_outward", "npages=1, phys_page_size=16384, npreleased=0, base=0,"),
        ("scavenger_age_naive", "npages=1, phys_page_size=1, npreleased=0, base=0, now=0, limit=0, unusedsince=1,"),
    ],
)
def test_the_smallest_counterexample_is_found(name: str, values: str) -> None:
    (result,) = proofs.prove([name])
    assert result.detail.startswith(values)


def test_the_subtraction_may_wrap_when_the_range_is_rounded_inward_too_far() -> None:
    edit = Edit(
        SPAN, "end = end & ~(sys.phys_page_size - 1)", "end = u64(end - sys.phys_page_size) & ~(sys.phys_page_size - 1)"
    )
    result = verdict(partial(scavenger, (edit,), without=(FITS,), conditions=released))
    assert "does not follow" in result.detail


def test_the_rounding_is_not_proved_without_the_premise_about_the_top_of_memory() -> None:
    assert "does not follow" in verdict(partial(scavenger, without=(TOP,))).detail


@pytest.mark.parametrize(
    "new", ["u64(now - s.unusedsince) >= limit", "now - s.unusedsince > limit", "u64(s.unusedsince - now) > limit"]
)
def test_the_claim_about_ages_notices_another_comparison(new: str) -> None:
    result = verdict(partial(ages, (Edit(SPAN, "u64(now - s.unusedsince) > limit", new),)))
    assert "does not follow" in result.detail


def test_an_exact_comparison_of_ages_would_release_only_what_is_old() -> None:
    edit = Edit(SPAN, "u64(now - s.unusedsince) > limit", "now - s.unusedsince > limit")
    assert "no counterexample" in verdict(partial(naive, (edit,)), "refuted").detail
