"""A stack's span goes back to the heap although a marker may hold an address in it."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B19",
    name="large stack span freed during a collection",
    go="d57056ba26 (#11267), 91e8554b8b",
    edits=(
        Edit(
            "environment.stacks.stackfree",
            old="if h.gcphase == OFF:",
            new="if True:",
        ),
    ),
    property="P15",
    scenario="stacks",
)
