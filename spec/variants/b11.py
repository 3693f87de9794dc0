"""Reclaiming counts spans where pages are wanted."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B11",
    name="reclaimList counts spans, not pages",
    go="69001e404e (#9048)",
    edits=(
        Edit(
            "reclaim.reclaim_list",
            old="n += snpages",
            new="n += 1",
        ),
    ),
    property="P18",
    scenario="reclaim",
)
