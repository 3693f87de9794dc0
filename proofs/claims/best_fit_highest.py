"""Ties broken the other way."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.fitting import ASSUMES, fitting
from proofs.kernel import Claim
from spec.language import Edit

WRONG = (Edit("alloc.best_fit", "base(s) < base(best)", "base(s) > base(best)"),)

CLAIM = Claim(
    id="best_fit_highest",
    statement=(
        "If bestFit takes the later span of two equal ones for its higher address, none in the list is better than its choice."
    ),
    go="mheap.go:bestFit",
    function="alloc.best_fit",
    build=partial(fitting, WRONG, two=True, only=("none seen is better",)),
    expected="refuted",
    assumptions=ASSUMES,
)
