"""What threads rely on."""

from __future__ import annotations

from proofs.kernel import Claim
from proofs.protocol.claims import THREADS
from proofs.protocol.lemmas import relied_on

CLAIM = Claim(
    id="sweep_interference",
    statement=(
        "What a thread relies on while others run is what every other thread guarantees of each of its steps, however "
        "many they take."
    ),
    go="mgcsweep.go:sweepone",
    function="environment.sweep.sweepone",
    build=relied_on,
    assumptions=THREADS,
    weight=1,
)
