"""Ties not broken at all."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.fitting import ASSUMES, fitting
from proofs.kernel import Claim
from spec.language import Edit

WRONG = (Edit("alloc.best_fit", "or (s.npages == best.npages and base(s) < base(best))", ""),)

CLAIM = Claim(
    id="best_fit_any",
    statement="If bestFit does not compare addresses, none in the list is better than its choice.",
    go="mheap.go:bestFit",
    function="alloc.best_fit",
    build=partial(fitting, WRONG, two=True, only=("none seen is better",)),
    expected="refuted",
    assumptions=ASSUMES,
)
