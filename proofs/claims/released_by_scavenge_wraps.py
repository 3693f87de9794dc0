"""One byte too many for heap_released."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term, negation
from proofs.arithmetic.plain_scavenger import broken, replay_beyond
from proofs.arithmetic.scavenger import ASSUMES, FITS, Case, scavenger, share
from proofs.kernel import Claim, Problem


def beyond(case: Case) -> dict[str, Term]:
    """The premise, off by one."""
    return {
        "what is newly released takes the statistics to 2^64 at most": case.stats.heap_released + case.new <= 1 << 64,
        "physical pages are no larger than heap pages": negation(case.physical),
    } | case.small()


def build() -> Problem:
    """The same condition, with room for one byte less."""
    return scavenger(
        only=("the share of the others",),
        without=(FITS,),
        given=beyond,
        conditions=share,
        replayed=partial(replay_beyond, broken, {"heap_released": lambda values: values["heap_released"] - 1}),
    )


CLAIM = Claim(
    id="released_by_scavenge_wraps",
    statement="What the scavenger adds to heap_released is what the span counts, also if that takes heap_released to 2^64.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
