"""The exact bound up to which grow asks for enough."""

from __future__ import annotations

from functools import partial

from proofs.arithmetic.growing import ASSUMES, enough_exactly, growing
from proofs.kernel import Claim

CLAIM = Claim(
    id="grow_enough_exactly",
    statement="For every request, what grow asks for holds it if and only if it is of at most 2^51 - 8 pages.",
    go="mheap.go:mheap.grow",
    function="grow.grow",
    build=partial(growing, enough_exactly),
    assumptions=ASSUMES,
)
