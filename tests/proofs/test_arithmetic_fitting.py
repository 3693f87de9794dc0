"""The claims about best fit hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import holds_as_stated, is_refused, named, verdict

from proofs.arithmetic.fitting import fitting
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("best_fit"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    holds_as_stated(name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("base(s) < base(best)", "base(s) > base(best)"),
        ("s.npages < best.npages", "s.npages > best.npages"),
        ("s.npages < best.npages", "s.npages <= best.npages"),
        ("s.npages == best.npages and ", ""),
        ("s.npages >= npage", "s.npages > npage"),
        ("s.npages >= npage", "s.npages >= npage - 1"),
        ("best is None or ", "best is None and "),
        ("                best = s\n", "                return s\n"),
        ("        s = s.next\n", "        s = s.prev\n"),
        ("s = spans.first", "s = spans.last"),
        ("    return best", "    return s"),
    ],
)
def test_the_claim_about_best_fit_notices_a_wrong_choice(old: str, new: str) -> None:
    is_refused(partial(fitting, (Edit("alloc.best_fit", old, new),)))


def test_the_right_choice_cannot_be_refuted() -> None:
    assert "no counterexample" in verdict(partial(fitting, two=True, only=("none seen is better",)), "refuted").detail
