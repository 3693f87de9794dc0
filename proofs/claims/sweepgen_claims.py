"""Who claims a span for sweeping."""

from __future__ import annotations

from proofs.arithmetic.generations import ASSUMES, claims
from proofs.kernel import Claim

CLAIM = Claim(
    id="sweepgen_claims",
    statement=(
        "For every generation of heap and span, sweepone, reclaimList and ensureSwept claim and sweep a span exactly if its "
        "generation is two behind, and sweep leaves it at the heap's."
    ),
    go="mgcsweep.go:sweepone",
    function="environment.sweep.sweepone",
    build=claims,
    assumptions=ASSUMES,
)
