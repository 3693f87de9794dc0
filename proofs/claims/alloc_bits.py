"""nextFreeIndex."""

from __future__ import annotations

from proofs.arithmetic.alloc_bits import ASSUMES, scanning
from proofs.kernel import Claim

CLAIM = Claim(
    id="alloc_bits",
    statement=(
        "In every span whose cache is the complement of the bits from freeindex on, nextFreeIndex gives the first "
        "free slot from freeindex on, or the number of slots if there is none, keeps the cache so, and reads only "
        "the span's bits, in words of 8 bytes."
    ),
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=scanning,
    assumptions=ASSUMES,
)
