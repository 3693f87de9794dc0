"""A reused struct begins with generation 0, which may be that of an unswept span."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B29",
    name="sweepgen reset when a struct is reused",
    go="ae3bb4a537 (#17503)",
    edits=(
        Edit(
            "span.init",
            old="    span.npages = npages\n",
            new="    span.npages = npages\n    span.sweepgen = 0\n",
        ),
    ),
    property="P24",
    scenario="sweep",
)
