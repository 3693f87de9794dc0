"""The claims about best fit hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import named, verdict

import proofs
from proofs.arithmetic.fitting import fitting
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("best_fit"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


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
    result = verdict(partial(fitting, (Edit("alloc.best_fit", old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


def test_the_right_choice_cannot_be_refuted() -> None:
    assert "no counterexample" in verdict(partial(fitting, two=True, only=("none seen is better",)), "refuted").detail
