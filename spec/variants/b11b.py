"""The length of a swept span is read after its sweep, when the struct may be another span's."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B11b",
    name="reclaimList reads npages after the sweep",
    go="69001e404e (#9048)",
    edits=(
        Edit(
            "reclaim.reclaim_list",
            old="            snpages: Uintptr = s.npages\n            if sweep(h, s, False):\n                n += snpages",
            new="            if sweep(h, s, False):\n                n += s.npages",
        ),
    ),
    property="P18",
    scenario="reclaim",
)
