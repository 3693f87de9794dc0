"""One object more than an arena has bits for."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.mark_bits import ASSUMES, INSIDE, MOST, bits_of
from proofs.kernel import Claim

CLAIM = Claim(
    id="mark_bits_too_many",
    statement="For 1 to 524161 objects, the bits that newMarkBits gives are inside the arena.",
    go="mheap.go:newMarkBits",
    function="mark_bits.new_mark_bits",
    build=partial(bits_of, least=MOST - 63, most=MOST + 1, only=(INSIDE,)),
    expected="refuted",
    assumptions=ASSUMES,
)
