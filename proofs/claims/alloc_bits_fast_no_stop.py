"""nextFreeFast at the end of a block."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, CACHED
from proofs.arithmetic.small_spans import FAST, small
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("alloc_bits.next_free_fast", "freeidx % CACHE_BITS == 0 and", "freeidx == 0 and")

CLAIM = Claim(
    id="alloc_bits_fast_no_stop",
    statement=(
        "If nextFreeFast also takes the last slot of a block, the cache stays the complement of the bits from freeindex on."
    ),
    go="malloc.go:nextFreeFast",
    function="alloc_bits.next_free_fast",
    build=partial(small, FAST, (EDIT,), only=(CACHED,), least=63),
    expected="refuted",
    assumptions=ASSUMES,
)
