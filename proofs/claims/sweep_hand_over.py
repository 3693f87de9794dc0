"""What a sweeper may touch, and when."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, SWEEPING, THREADS, several
from proofs.protocol.tasks import FREE_SPAN, SWEEP

CLAIM = Claim(
    id="sweep_hand_over",
    statement=(
        "Only the thread that claimed a span touches its bits and its state until it stores the present generation, and "
        "from then on it does no more than free the span."
    ),
    go="mgcsweep.go:mspan.sweep",
    function="environment.sweep.sweep",
    build=partial(several, SWEEP, FREE_SPAN),
    assumptions=(*THREADS, *STRUCTURE, *SWEEPING),
    weight=2,
)
