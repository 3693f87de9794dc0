"""The end of the arena is published before the tables for it are mapped."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B17",
    name="arena_used before mapBits and mapSpans",
    go="d57c889ae8 (#10212)",
    edits=(
        Edit(
            "environment.arena.sys_alloc",
            old=(
                "        sys_map(h, p, n)\n"
                "        map_bits(h, p + n)\n"
                "        map_spans(h, p + n)\n"
                "        h.arena_used = p + n\n"
            ),
            new=(
                "        sys_map(h, p, n)\n"
                "        h.arena_used = p + n\n"
                "        map_bits(h, p + n)\n"
                "        map_spans(h, p + n)\n"
            ),
        ),
    ),
    property="P17",
    scenario="lookup",
    atomicity="fine",
)
