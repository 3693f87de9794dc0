"""New memory that merges with a dirty free span counts as zero all over."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B10b",
    name="dirty memory forgotten on coalescing",
    go="9ad236ab72 (#4979), 86e3cb8da5 (#6400)",
    edits=(
        Edit(
            "free.free_span_locked",
            old="            s.npreleased = t.npreleased\n            s.needzero |= t.needzero\n",
            new="            s.npreleased = t.npreleased\n",
        ),
    ),
    property="P12",
    scenario="chunks",
)
