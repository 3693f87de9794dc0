"""The second wrong fix of issue 16644: the guard is start <= end."""

from __future__ import annotations

from proofs.arithmetic.scavenger import ASSUMES, Case, scavenger
from proofs.heaps import variant
from proofs.kernel import Claim, Problem


def build() -> Problem:
    """The conditions of the right guard, for the wrong one."""
    return scavenger(variant("B01"), only=("released all that is due",), given=Case.small)


CLAIM = Claim(
    id="scavenger_guard_inverted",
    statement="With the guard start <= end, the scavenger gives back the whole physical pages of every old span.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
