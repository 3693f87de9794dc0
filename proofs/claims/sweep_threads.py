"""Threads that no collection stops."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, THREADS, several
from proofs.protocol.tasks import CLOCK, COLLECTOR, FORCED, READER, SCAVENGER

CLAIM = Claim(
    id="sweep_threads",
    statement=(
        "A cycle begins with nothing in its thread's hands, be it the collector or FreeOSMemory; the scavenger and readers "
        "leave the sweep alone."
    ),
    go="mheap.go:runtime_debug_freeOSMemory",
    function="environment.scavenger.forced_collector",
    build=partial(several, COLLECTOR, FORCED, SCAVENGER, READER, CLOCK),
    assumptions=(*THREADS, *STRUCTURE),
    weight=3,
)
