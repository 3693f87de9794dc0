"""No refill at the end of a block."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, CACHED
from proofs.arithmetic.small_spans import INDEX, small
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("alloc_bits.next_free_index", "sfreeindex % CACHE_BITS == 0 and", "sfreeindex == 0 and")

CLAIM = Claim(
    id="alloc_bits_no_refill",
    statement=(
        "Without a refill when freeindex becomes a multiple of 64, the cache stays the complement of the bits from "
        "freeindex on."
    ),
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=partial(small, INDEX, (EDIT,), only=(CACHED,), least=63),
    expected="refuted",
    assumptions=ASSUMES,
)
