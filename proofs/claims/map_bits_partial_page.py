"""An end of the arena inside a page."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.tables import ASSUMES, BITS, mapping
from proofs.kernel import Claim

CLAIM = Claim(
    id="map_bits_partial_page",
    statement="The byte of bitmap of every address below the arena's new end is mapped, wherever the arena ends.",
    go="mbitmap.go:mheap.mapBits",
    function="environment.arena.map_bits",
    build=partial(mapping, BITS, aligned=False, only=("the entry of the address is mapped",)),
    expected="refuted",
    assumptions=ASSUMES,
)
