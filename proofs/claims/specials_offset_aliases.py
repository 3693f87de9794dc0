"""An offset of more than 16 bits."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.specials import ASSUMES, SMALLEST_TOO_LONG, TWO, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset_aliases",
    statement="In every span of at most 9 pages, a record about one address does not keep one about another address out.",
    go="mheap.go:addspecial",
    function="specials.addspecial",
    build=partial(offsets, pages=SMALLEST_TOO_LONG, only=(TWO,)),
    expected="refuted",
    assumptions=ASSUMES,
)
