"""A span of the stack pool goes back to the heap during a collection."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B19b",
    name="pooled stack span freed during a collection",
    go="d57056ba26 (#11267), 91e8554b8b",
    edits=(
        Edit(
            "environment.stacks.stackpoolfree",
            old="if h.gcphase == OFF and s.alloc_count == 0:",
            new="if s.alloc_count == 0:",
        ),
    ),
    property="P15",
    scenario="stacks",
)
