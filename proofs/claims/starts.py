"""The empty heap satisfies the invariant."""

from __future__ import annotations

from proofs.induction.start import INIT, starts
from proofs.kernel import Claim

CLAIM = Claim(
    id="starts",
    statement="Wherever the arena lies, the heap that init builds satisfies the invariant.",
    go=INIT.go,
    function=INIT.function,
    build=starts,
    assumptions=("memory is zero before init; an arena of 512 GB",),
    weight=10,
)
