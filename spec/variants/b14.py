"""A new span is in use before it has the present generation, so a sweeper takes it for an unswept one."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B14",
    name="state published before sweepgen",
    go="3590d9ce69 (#8399)",
    edits=(
        Edit(
            "alloc.alloc_m",
            old="        s.sweepgen = h.sweepgen\n        s.state = IN_USE\n",
            new="        s.state = IN_USE\n        s.sweepgen = h.sweepgen\n",
        ),
    ),
    property="P13",
    scenario="sweep",
    atomicity="fine",
)
