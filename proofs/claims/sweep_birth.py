"""Spans that come into use."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, THREADS, several
from proofs.protocol.tasks import ALLOC, ALLOC_M, ALLOC_STACK, LARGE_OBJECT, SMALL_SPAN

CLAIM = Claim(
    id="sweep_birth",
    statement=(
        "A new span has the present generation before anybody can see that it is in use, and no struct's generation "
        "goes back when it is reused."
    ),
    go="mheap.go:mheap.alloc_m",
    function="alloc.alloc_m",
    build=partial(several, ALLOC_M, ALLOC, LARGE_OBJECT, SMALL_SPAN, ALLOC_STACK),
    assumptions=(*THREADS, *STRUCTURE),
    weight=5,
)
