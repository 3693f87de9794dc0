"""A span whose first address cannot be rounded up."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term, conjunction
from proofs.arithmetic.plain_scavenger import broken, replay_beyond
from proofs.arithmetic.scavenger import ASSUMES, FITS, TOP, Case, scavenger
from proofs.kernel import Claim, Problem


def below(case: Case) -> dict[str, Term]:
    """What is left of the premise."""
    small = conjunction([case.span.npages <= 64, case.phys <= 1 << 16, case.now <= 8, case.limit <= 8])
    return {"the span ends below 2^64": case.end < 1 << 64, "the counterexample is sought among small spans": small}


def build() -> Problem:
    """The conditions of the claim ``scavenger_rounding``, without one of its premises."""
    return scavenger(
        only=("inside the span",),
        without=(TOP, FITS),
        given=below,
        replayed=partial(replay_beyond, broken, {"base": lambda values: 2**64 - values["phys_page_size"]}),
    )


CLAIM = Claim(
    id="scavenger_top_of_memory",
    statement=(
        "Every range given to sys_unused is inside the span, also if the span's first address rounded up to a physical page "
        "is no machine word."
    ),
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
