"""nextFreeFast and isFree."""

from __future__ import annotations

from proofs.arithmetic.alloc_bits import ASSUMES, fast
from proofs.kernel import Claim

CLAIM = Claim(
    id="alloc_bits_fast",
    statement=(
        "In every span whose cache is the complement of the bits from freeindex on, nextFreeFast gives the address "
        "of the first free slot and keeps the cache so, or gives 0 and changes nothing; isFree tells the slot's "
        "bit."
    ),
    go="malloc.go:nextFreeFast",
    function="alloc_bits.next_free_fast",
    build=fast,
    assumptions=ASSUMES,
)
