"""A span whose bytes are no machine word."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.layouts import ASSUMES, layouts

CLAIM = Claim(
    id="layout_overflow",
    statement="For every span, the total size that layout gives is a machine word.",
    go="mheap.go:mspan.layout",
    function="span.layout",
    build=partial(layouts, beyond=True),
    expected="refuted",
    assumptions=ASSUMES,
)
