"""Bits for no objects."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.mark_bits import ASSUMES, bits_of
from proofs.kernel import Claim

CLAIM = Claim(
    id="mark_bits_none",
    statement="For no objects too, the index that newMarkBits takes is inside the arena.",
    go="mheap.go:newMarkBits",
    function="mark_bits.new_mark_bits",
    build=partial(bits_of, least=0, only=("index out of range",)),
    expected="refuted",
    assumptions=ASSUMES,
)
