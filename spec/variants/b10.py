"""The remainder of a split forgets that its memory is dirty."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B10",
    name="split remainder handed out as zero",
    go="9ad236ab72 (#4979), 86e3cb8da5 (#6400)",
    edits=(
        Edit(
            "alloc.alloc_span_locked",
            old="        t.needzero = s.needzero\n",
            new="",
        ),
    ),
    property="P12",
    scenario="quick",
)
