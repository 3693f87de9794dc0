"""A freed span never merges with the free span after it."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B08",
    name="no coalescing with the following span",
    go="9ba551bb87",
    edits=(
        Edit(
            "free.free_span_locked",
            old="if (p + s.npages) * sys.ptr_size < h.spans_mapped:",
            new="if p + s.npages < 1:",
        ),
    ),
    property="P3",
    scenario="quick",
)
