"""Looking up an address that may be the end of the arena in use."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term, conjunction
from proofs.arithmetic.lookups import ASSUMES, Looked, looking_up
from proofs.kernel import Claim


def given(looked: Looked) -> dict[str, Term]:
    """What the caller guarantees."""
    return {
        "the address is not outside the arena in use, or its end": conjunction(
            [looked.start <= looked.v, looked.v <= looked.used]
        )
    }


CLAIM = Claim(
    id="lookup_beyond",
    statement="For every address from the arena's start up to its end in use, that one included, lookup reads a mapped entry.",
    go="mheap.go:mheap.lookup",
    function="table.lookup",
    build=partial(looking_up, "table.lookup", given=given, only=("reads only mapped entries",)),
    expected="refuted",
    assumptions=ASSUMES,
)
