"""The least request for which grow asks for no memory at all, and gets it."""

from __future__ import annotations

from proofs.arithmetic.growing import ASSUMES
from proofs.arithmetic.growing_nothing import asks_for_something
from proofs.kernel import Claim

CLAIM = Claim(
    id="grow_for_nothing",
    statement="For every request of a page at least, grow asks for at least a byte.",
    go="mheap.go:mheap.grow",
    function="grow.grow",
    build=asks_for_something,
    expected="refuted",
    assumptions=ASSUMES,
)
