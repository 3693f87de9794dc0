"""The range goes to the kernel unrounded, and the kernel rounds it outward over the neighbours."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B03",
    name="release without rounding to physical pages",
    go="f9cc72ccfe, 2cdcb6f829 (#9993)",
    edits=(
        Edit(
            "scavenge.scavenge_span",
            old="if sys.phys_page_size > sys.page_size:\n            start =",
            new="if False:\n            start =",
        ),
    ),
    property="P9",
    scenario="quick",
    parameters={"phys_page_size": 2},
)
