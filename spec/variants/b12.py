"""A lookup returns the span of an address without asking whether it is in use."""

from __future__ import annotations

from spec.language import Edit, Variant

VARIANT = Variant(
    id="B12",
    name="lookup without the test of the state",
    go="7cd24361bd",
    edits=(Edit("table.lookup_maybe", old=" or s.state != IN_USE", new=""),),
    property="P16",
    scenario="quick",
)
