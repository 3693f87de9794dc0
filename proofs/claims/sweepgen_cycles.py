"""Generations over many cycles."""

from __future__ import annotations

from proofs.arithmetic.generations import ASSUMES, cycles
from proofs.kernel import Claim

CLAIM = Claim(
    id="sweepgen_cycles",
    statement=(
        "An even generation stays even; a span left unswept reads as swept after exactly 2^31 - 1 cycles and each 2^31 "
        "later, and one left swept after 2^31; in between they read as none of the three, except that a swept one is due "
        "after one cycle."
    ),
    go="mgc.go:gcSweep",
    function="environment.collector.gc_sweep",
    build=cycles,
    assumptions=ASSUMES,
)
