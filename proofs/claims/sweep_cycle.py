"""The start of a cycle."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import MARKING, STRUCTURE, SWEEPING, THREADS, several
from proofs.protocol.tasks import COLLECT, MARK, MARK_ALL

CLAIM = Claim(
    id="sweep_cycle",
    statement=(
        "A cycle starts with the world stopped, nobody in a region and every span in use swept, adds two to the "
        "generation and makes exactly the spans in use due; marking writes only to swept spans."
    ),
    go="mgc.go:gcSweep",
    function="environment.collector.gc_start",
    build=partial(several, COLLECT, MARK, MARK_ALL),
    assumptions=(*THREADS, *STRUCTURE, *SWEEPING, *MARKING),
    weight=8,
)
