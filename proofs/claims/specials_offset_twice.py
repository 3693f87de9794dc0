"""An offset of more than 16 bits."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.specials import ASSUMES, ONCE, SMALLEST_TOO_LONG, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset_twice",
    statement="In every span of at most 9 pages, addspecial refuses a second record of a kind about an address.",
    go="mheap.go:addspecial",
    function="specials.addspecial",
    build=partial(offsets, pages=SMALLEST_TOO_LONG, only=(ONCE,)),
    expected="refuted",
    assumptions=ASSUMES,
)
