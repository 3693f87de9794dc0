"""No rounding at all, as before 2016-04-14."""

from __future__ import annotations

from proofs.arithmetic.scavenger import ASSUMES, Case, scavenger
from proofs.heaps import variant
from proofs.kernel import Claim, Problem


def build() -> Problem:
    """The conditions of the right guard, for the wrong one."""
    return scavenger(variant("B03"), only=("aligned",), given=Case.small)


CLAIM = Claim(
    id="scavenger_unrounded",
    statement="Without rounding, every range given to sys_unused consists of whole physical pages.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
