"""What is mapped for a new end of the arena."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.tables import ASSUMES, BITS, mapping
from proofs.kernel import Claim

CLAIM = Claim(
    id="map_bits",
    statement=(
        "If the arena grows by whole pages, the byte of bitmap of every address below its new end is mapped afterwards, "
        "never less than before, in whole physical pages and no more of them than needed."
    ),
    go="mbitmap.go:mheap.mapBits",
    function="environment.arena.map_bits",
    build=partial(mapping, BITS),
    assumptions=ASSUMES,
)
