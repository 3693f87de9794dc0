"""The first wrong fix of issue 16644: the guard is start == end."""

from __future__ import annotations

from proofs.arithmetic.scavenger import ASSUMES, Case, scavenger
from proofs.heaps import variant
from proofs.kernel import Claim, Problem


def build() -> Problem:
    """The conditions of the right guard, for the wrong one."""
    return scavenger(variant("B02"), only=("not empty", "inside the span"), given=Case.small)


CLAIM = Claim(
    id="scavenger_skips_empty_only",
    statement="With the guard start == end, every range given to sys_unused is inside the span.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
