"""Which span bestFit takes."""

from __future__ import annotations

from proofs.arithmetic.fitting import ASSUMES, fitting
from proofs.kernel import Claim

CLAIM = Claim(
    id="best_fit",
    statement=(
        "In every list of spans, bestFit chooses one of the shortest that are long enough, of these the one at the lowest "
        "address, and none exactly if none is long enough."
    ),
    go="mheap.go:bestFit",
    function="alloc.best_fit",
    build=fitting,
    assumptions=ASSUMES,
)
