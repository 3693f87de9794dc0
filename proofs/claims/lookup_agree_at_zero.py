"""The one address at which two lookups differ."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.lookups import ASSUMES, agreeing
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_agree_at_zero",
    statement="inheap is true exactly where lookupMaybe finds a span, wherever the arena begins.",
    go="mheap.go:inheap",
    function="table.inheap",
    build=partial(agreeing, zero=True),
    expected="refuted",
    assumptions=ASSUMES,
)
