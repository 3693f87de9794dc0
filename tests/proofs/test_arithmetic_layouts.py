"""The claims about a span's layout hold as stated, and notice planted bugs."""

from __future__ import annotations

from functools import partial

import pytest
from arithmetic_rig import holds_as_stated, is_refused, named

from proofs.arithmetic.layouts import layouts
from spec.language import Edit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", named("layout"))
def test_each_claim_has_the_verdict_that_it_states(name: str) -> None:
    holds_as_stated(name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total // size", "total // size + 1"),
        ("total // size", "(total - 1) // size"),
        ("    n = 0", "    n = 1"),
        ("if size > 0:", "if size > 8192:"),
        ("s.npages << sys.page_shift", "s.npages + 1 << sys.page_shift"),
        ("size = s.elemsize", "size = s.elemsize + 1"),
    ],
)
def test_the_claim_about_the_layout_notices_a_wrong_one(old: str, new: str) -> None:
    is_refused(partial(layouts, (Edit("span.layout", old, new),)))
