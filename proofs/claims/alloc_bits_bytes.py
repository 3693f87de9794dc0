"""Bits rounded up to bytes."""

from __future__ import annotations

from functools import partial

from proofs.alloc_bits import ASSUMES, WITHIN
from proofs.kernel import Claim
from proofs.small_spans import INDEX, small

CLAIM = Claim(
    id="alloc_bits_bytes",
    statement="If a span has bits in whole bytes instead of words of 8 bytes, nextFreeIndex reads only the span's bits.",
    go="mbitmap.go:mspan.nextFreeIndex",
    function="alloc_bits.next_free_index",
    build=partial(small, INDEX, only=(WITHIN,), words=False),
    expected="refuted",
    assumptions=ASSUMES,
)
