"""Three lookups of one address."""

from __future__ import annotations

from proofs.arithmetic.lookups import ASSUMES, agreeing
from proofs.kernel import Claim

CLAIM = Claim(
    id="lookup_agree",
    statement=(
        "If the arena begins above address 0, inheap is true exactly where lookupMaybe finds a span, and inHeapOrStack there "
        "and in stacks."
    ),
    go="mheap.go:inheap",
    function="table.inheap",
    build=agreeing,
    assumptions=ASSUMES,
)
