"""Numbers of objects that wrap."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.mark_bits import ASSUMES, ENOUGH, bits_of
from proofs.kernel import Claim

CLAIM = Claim(
    id="mark_bits_wrap",
    statement="For every number of objects that is a machine word, newMarkBits gives a bit for each.",
    go="mheap.go:newMarkBits",
    function="mark_bits.new_mark_bits",
    build=partial(bits_of, least=2**64 - 128, most=2**64 - 1, only=(ENOUGH,)),
    expected="refuted",
    assumptions=ASSUMES,
)
