"""Bits rounded up to bytes."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.alloc_bits import ASSUMES, WITHIN
from proofs.arithmetic.small_spans import INDEX, small
from proofs.kernel import Claim

CLAIM = Claim(
    id="alloc_bits_bytes",
    statement="If a span has bits in whole bytes instead of words of 8 bytes, nextFreeIndex reads only the span's bits.",
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=partial(small, INDEX, only=(WITHIN,), words=False),
    expected="refuted",
    assumptions=ASSUMES,
)
