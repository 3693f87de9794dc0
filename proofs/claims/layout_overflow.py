"""A span whose bytes are no machine word."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.layouts import ASSUMES, layouts
from proofs.kernel import Claim

CLAIM = Claim(
    id="layout_overflow",
    statement="For every span, the total size that layout gives is a machine word.",
    go="mheap.go:mspan.layout",
    function="span.layout",
    build=partial(layouts, beyond=True),
    expected="refuted",
    assumptions=ASSUMES,
)
