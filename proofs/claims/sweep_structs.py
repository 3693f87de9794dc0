"""Structs under the heap's lock."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, THREADS, several
from proofs.protocol.tasks import ALLOC_LOCKED, GROW

CLAIM = Claim(
    id="sweep_structs",
    statement=(
        "Splitting a span and growing the heap move no generation but to the present one, and leave every span in use as it is."
    ),
    go="mheap.go:mheap.allocSpanLocked",
    function="alloc.alloc_span_locked",
    build=partial(several, ALLOC_LOCKED, GROW),
    assumptions=(*THREADS, *STRUCTURE),
    weight=25,
)
