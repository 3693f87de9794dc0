"""The claims about the tables' mapping hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import named, verdict

import proofs
from proofs.arithmetic.tables import BITS, SPANS, Table, mapping
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("map_"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    (result,) = proofs.prove([name])
    assert result.ok, result.detail
    assert result.conditions > 0


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        (SPANS, "n // sys.page_size * sys.ptr_size", "n // sys.page_size"),
        (SPANS, "n = round_up(n, sys.phys_page_size)", "n = n & ~(sys.phys_page_size - 1)"),
        (SPANS, "h.spans_mapped >= n", "h.spans_mapped > n"),
        (SPANS, "    h.spans_mapped = n", "    h.spans_mapped += n"),
        (SPANS, "n - h.spans_mapped)", "n)"),
        (SPANS, "    if h.spans_mapped >= n:\n        return\n", ""),
        (BITS, "// sys.bitmap_scale", "// sys.bitmap_scale // 2"),
        (BITS, "    n = round_up(n, sys.phys_page_size)\n", ""),
        (BITS, "h.bitmap_mapped = n", "h.bitmap_mapped += n"),
    ],
)
def test_the_claim_about_a_table_notices_a_wrong_mapping(table: Table, old: str, new: str) -> None:
    result = verdict(partial(mapping, table, (Edit(table.function, old, new),)))
    assert result.verdict == "not proved"
    assert "does not follow" in result.detail


def test_an_arena_of_whole_pages_leaves_no_entry_unmapped() -> None:
    assert (
        "no counterexample" in verdict(partial(mapping, SPANS, only=("the entry of the address is mapped",)), "refuted").detail
    )
