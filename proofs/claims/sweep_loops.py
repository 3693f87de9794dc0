"""The loops over all threads and all spans."""

from __future__ import annotations

from proofs.kernel import Claim
from proofs.protocol.claims import THREADS
from proofs.protocol.lemmas import loops

CLAIM = Claim(
    id="sweep_loops",
    statement=(
        "The world counts as stopped only if no mutator's flag is set and the sweeper's is not; a cycle's start makes each "
        "span due if it is in use; a struct is recorded in one step."
    ),
    go="proc.go:stopTheWorldWithSema",
    function="environment.world.nobody_inside",
    build=loops,
    assumptions=THREADS,
)
