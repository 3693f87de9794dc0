"""The least request for which grow asks for too little."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.growing import ASSUMES, enough, growing
from proofs.kernel import Claim

CLAIM = Claim(
    id="grow_overflow",
    statement="For every request, what grow asks for holds it.",
    go="mheap.go:mheap.grow",
    function="grow.grow",
    build=partial(growing, enough),
    expected="refuted",
    assumptions=ASSUMES,
)
