"""A cache of another span."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, CACHED, FREE
from proofs.arithmetic.small_spans import INDEX, small
from proofs.kernel import Claim

CLAIM = Claim(
    id="alloc_bits_stale_cache",
    statement=(
        "Whatever the cache holds, as after mspan.init, which sets freeindex to 0 and leaves allocCache, the slot "
        "that nextFreeIndex gives is free."
    ),
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=partial(small, INDEX, only=(FREE,), without=(CACHED,)),
    expected="refuted",
    assumptions=ASSUMES,
)
