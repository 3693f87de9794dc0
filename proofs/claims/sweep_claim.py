"""Who sweeps a span."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, SWEEPING, THREADS, several
from proofs.protocol.tasks import ENSURE, RECLAIM, RECLAIM_LIST, SWEEPONE

CLAIM = Claim(
    id="sweep_claim",
    statement=(
        "Of any number of threads that find a span unswept, in sweepone, ensureSwept or reclaimList, exactly one claims "
        "it, once a cycle, and then sweeps it; a span out of use is never claimed."
    ),
    go="mgcsweep.go:sweepone",
    function="environment.sweep.sweepone",
    build=partial(several, SWEEPONE, ENSURE, RECLAIM_LIST, RECLAIM),
    assumptions=(*THREADS, *STRUCTURE, *SWEEPING),
    weight=8,
)
