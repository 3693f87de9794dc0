"""Rounding the range outward, as the kernel does with what it is given."""

from __future__ import annotations

from proofs.arithmetic.scavenger import ASSUMES, Case, scavenger
from proofs.kernel import Claim, Problem
from spec.language import Edit

SPAN, UNIT = "scavenge.scavenge_span", "(sys.phys_page_size - 1)"
OUTWARD = (
    Edit(SPAN, f"start = u64(start + sys.phys_page_size - 1) & ~{UNIT}", f"start = start & ~{UNIT}"),
    Edit(SPAN, f"end = end & ~{UNIT}", f"end = u64(end + sys.phys_page_size - 1) & ~{UNIT}"),
)


def build() -> Problem:
    """The conditions of the right rounding, for the wrong one."""
    return scavenger(OUTWARD, only=("inside the span",), given=Case.small)


CLAIM = Claim(
    id="scavenger_outward",
    statement="With the span's ends rounded outward to physical pages, every range given to sys_unused is inside the span.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
