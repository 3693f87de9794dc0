"""Looking up an address that is known to be in the arena in use."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term
from proofs.arithmetic.lookups import ASSUMES, Looked, looking_up
from proofs.kernel import Claim


def given(looked: Looked) -> dict[str, Term]:
    """What the caller guarantees."""
    return {"the address is in the arena in use": looked.inside}


CLAIM = Claim(
    id="lookup_known",
    statement="For every address of the arena in use, lookup reads a mapped entry of the table and returns it.",
    go="mheap.go:mheap.lookup",
    function="table.lookup",
    build=partial(looking_up, "table.lookup", given=given),
    assumptions=ASSUMES,
)
