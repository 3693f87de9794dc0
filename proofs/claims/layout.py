"""How a span is cut into objects."""

from __future__ import annotations

from proofs.arithmetic.layouts import ASSUMES, layouts
from proofs.kernel import Claim

CLAIM = Claim(
    id="layout",
    statement=(
        "For every span whose bytes are a machine word, layout gives as many objects of the span's size as fit, and none "
        "without a size."
    ),
    go="mheap.go:mspan.layout",
    function="span.layout",
    build=layouts,
    assumptions=ASSUMES,
)
