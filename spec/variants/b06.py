"""The remainder of a split is counted as given back although it was never counted as in use."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B06",
    name="split remainder counted twice",
    go="30ef2c7deb (#8544, #8430)",
    edits=(
        Edit(
            "alloc.alloc_span_locked",
            old="free_span_locked(h, t, False, False, s.unusedsince)",
            new="free_span_locked(h, t, True, True, s.unusedsince)",
        ),
    ),
    property="P7",
    scenario="quick",
)
