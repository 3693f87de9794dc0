"""A span that is left unswept for ever."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.generations import ASSUMES, cycles
from proofs.kernel import Claim

CLAIM = Claim(
    id="sweepgen_left_behind",
    statement="A span that needs sweeping is not taken for swept, however many cycles begin.",
    go="mgcsweep.go:mspan.ensureSwept",
    function="environment.sweep.ensure_swept",
    build=partial(cycles, ever=True),
    expected="refuted",
    assumptions=ASSUMES,
)
