"""A span smaller than a physical page rounds to a negative range, which only a test for equality lets through."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B02",
    name="only the empty range is skipped, not the negative one",
    go="336dad2a07 (#16644)",
    edits=(Edit("scavenge.scavenge_span", old="if end <= start:", new="if start == end:"),),
    property="P9",
    scenario="quick",
    parameters={"phys_page_size": 4, "large_pages": 2},
)
