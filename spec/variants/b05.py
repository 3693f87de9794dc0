"""Growth counts the pages that were requested, the free of its span subtracts those that came."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B05",
    name="pagesInUse grows by the request",
    go="61f56e925e (#15022)",
    edits=(Edit("grow.grow", old="h.pages_in_use += s.npages", new="h.pages_in_use += npage"),),
    property="P7",
    scenario="quick",
)
