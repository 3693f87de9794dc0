"""The longest span instead of the shortest."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.fitting import ASSUMES, fitting
from proofs.kernel import Claim
from spec.language import Edit

WRONG = (Edit("alloc.best_fit", "s.npages < best.npages", "s.npages > best.npages"),)

CLAIM = Claim(
    id="best_fit_longest",
    statement="If bestFit takes a span for having more pages, none in the list is better than its choice.",
    go="mheap.go:bestFit",
    function="alloc.best_fit",
    build=partial(fitting, WRONG, two=True, only=("none seen is better",)),
    expected="refuted",
    assumptions=ASSUMES,
)
