"""What newMarkBits gives."""

from __future__ import annotations

from proofs.arithmetic.mark_bits import ASSUMES, bits_of
from proofs.kernel import Claim

CLAIM = Claim(
    id="mark_bits",
    statement=(
        "For 1 to 524160 objects, newMarkBits gives a bit for each, in words of 8 bytes at a multiple of 8, inside "
        "one arena and apart from the bits that the next call gives; it throws nothing."
    ),
    go="mheap.go:newMarkBits",
    function="mark_bits.new_mark_bits",
    build=bits_of,
    assumptions=ASSUMES,
)
