"""No return to the beginning of a block."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, PASSED
from proofs.arithmetic.small_spans import INDEX, small
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("alloc_bits.next_free_index", " & ~(CACHE_BITS - 1)", "")

CLAIM = Claim(
    id="alloc_bits_unaligned",
    statement=(
        "If nextFreeIndex goes 64 slots on without returning to the beginning of a block, what it passes over is taken."
    ),
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=partial(small, INDEX, (EDIT,), only=(PASSED,)),
    expected="refuted",
    assumptions=ASSUMES,
)
