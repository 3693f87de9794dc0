"""The offsets of objects' bases."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.specials import ASSUMES, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset_bases",
    statement="In every span of a size class, of up to 10 pages, the offsets at which objects begin survive 16 bits.",
    go="mheap.go:addspecial",
    function="specials.addspecial",
    build=partial(offsets, bases=True),
    assumptions=ASSUMES,
)
