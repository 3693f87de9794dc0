"""The scavenger skips every span that holds a whole physical page."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B01",
    name="inverted test for a range without whole physical pages",
    go="3de7dbb191 (#16644)",
    edits=(Edit("scavenge.scavenge_span", old="if end <= start:", new="if start <= end:"),),
    property="P10",
    scenario="quick",
    parameters={"phys_page_size": 2},
)
