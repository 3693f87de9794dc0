"""Growing the array of all spans unmaps the old one although the collector still reads it."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B15",
    name="array of all spans freed under the sweeper",
    go="7f223e3b3b",
    edits=(
        Edit(
            "table.recordspan",
            old="if old is not None and old is not h.gcspans:",
            new="if old is not None:",
        ),
    ),
    property="P23",
    scenario="sweep",
    parameters={"allspans_chunk": 2, "arena_pages": 4, "spans": 5, "heap_alloc_chunk": 4, "held": 2},
)
