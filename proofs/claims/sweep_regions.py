"""Threads that can be stopped."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import CLIENTS, STRUCTURE, THREADS, several
from proofs.protocol.tasks import ALLOCATE, BACKGROUND, GIVE_UP, MUTATOR, PIN

CLAIM = Claim(
    id="sweep_regions",
    statement=(
        "Mutators and the background sweeper leave their regions with no span in hand, and enter none while the world "
        "is stopped."
    ),
    go="mgcsweep.go:bgsweep",
    function="environment.sweeper.bgsweep",
    build=partial(several, BACKGROUND, MUTATOR, GIVE_UP, ALLOCATE, PIN),
    assumptions=(*THREADS, *STRUCTURE, *CLIENTS),
    weight=2,
)
