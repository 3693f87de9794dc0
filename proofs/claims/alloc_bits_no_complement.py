"""A cache that is not the complement."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, FREE
from proofs.arithmetic.small_spans import INDEX, small
from proofs.kernel import Claim
from spec.language import Edit

EDIT = Edit("alloc_bits.refill_alloc_cache", "~a_cache", "a_cache")

CLAIM = Claim(
    id="alloc_bits_no_complement",
    statement="With a cache of the bits themselves, the slot that nextFreeIndex gives is free.",
    go="mbitmap.go:mspan.refillAllocCache",
    function="alloc_bits.refill_alloc_cache",
    build=partial(small, INDEX, (EDIT,), only=(FREE,)),
    expected="refuted",
    assumptions=ASSUMES,
)
