"""Spans that go out of use."""

from __future__ import annotations

from functools import partial

from proofs.kernel import Claim
from proofs.protocol.claims import STRUCTURE, THREADS, several
from proofs.protocol.tasks import FREE_LOCKED, FREE_STACK

CLAIM = Claim(
    id="sweep_free",
    statement=(
        "freeSpanLocked never throws for a span that is the caller's, a stack or swept, and takes no other span out of use."
    ),
    go="mheap.go:mheap.freeSpanLocked",
    function="free.free_span_locked",
    build=partial(several, FREE_LOCKED, FREE_STACK),
    assumptions=(*THREADS, *STRUCTURE),
    weight=14,
)
