"""An offset of more than 16 bits."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.specials import ASSUMES, FOUND, SMALLEST_TOO_LONG, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset_unfound",
    statement="In every span of at most 9 pages, removespecial finds the record about an address that has one.",
    go="mheap.go:removespecial",
    function="specials.removespecial",
    build=partial(offsets, pages=SMALLEST_TOO_LONG, only=(FOUND,)),
    expected="refuted",
    assumptions=ASSUMES,
)
