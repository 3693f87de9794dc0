"""The throw for bits beyond the arena."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.mark_bits import ASSUMES, bits_of
from proofs.kernel import Claim

CLAIM = Claim(
    id="mark_bits_overflow",
    statement=(
        "For every number of objects that is a machine word, and however much the arena in use has given away, "
        "newMarkBits does not throw 'markBits overflow': a request that does not fit gets an empty arena first."
    ),
    go="mheap.go:newMarkBits",
    function="mark_bits.new_mark_bits",
    build=partial(bits_of, least=0, most=2**64 - 1, fitting=False, only=("markBits overflow",)),
    assumptions=ASSUMES,
)
