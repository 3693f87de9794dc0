"""The 16 bits of a special's offset."""

from __future__ import annotations

from proofs.arithmetic.specials import ASSUMES, offsets
from proofs.kernel import Claim

CLAIM = Claim(
    id="specials_offset",
    statement=(
        "In every span of at most 8 pages, all offsets survive 16 bits: a record keeps its address, another "
        "address has a record of its own, an address has one, and removespecial finds it."
    ),
    go="mheap.go:addspecial",
    function="specials.addspecial",
    build=offsets,
    assumptions=ASSUMES,
)
