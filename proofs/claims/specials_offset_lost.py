"""An offset of more than 16 bits."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.specials import ASSUMES, KEEPS, SMALLEST_TOO_LONG, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset_lost",
    statement="In every span of at most 9 pages, a record keeps the offset of its address.",
    go="mheap.go:addspecial",
    function="specials.addspecial",
    build=partial(offsets, pages=SMALLEST_TOO_LONG, only=(KEEPS,)),
    expected="refuted",
    assumptions=ASSUMES,
)
