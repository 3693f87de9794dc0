"""The empty heap."""

from __future__ import annotations

from proofs.kernel import Claim
from proofs.protocol.claims import THREADS
from proofs.protocol.lemmas import beginning

CLAIM = Claim(
    id="sweep_beginning",
    statement=("The empty heap satisfies the protocol's invariant."),
    go="mheap.go:mheap.init",
    function="init.init",
    build=beginning,
    assumptions=THREADS,
)
