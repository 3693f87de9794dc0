"""npreleased <= npages is not enough."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term
from proofs.arithmetic.plain_scavenger import Values, broken, replay_beyond
from proofs.arithmetic.scavenger import ASSUMES, COUNTED, FITS, Case, released, scavenger
from proofs.kernel import Claim, Problem


def weak(case: Case) -> dict[str, Term]:
    """The invariant that is true too, but too weak."""
    return {"the span counts no more as released than its pages": case.span.npreleased <= case.span.npages} | case.small()


def whole(values: Values) -> int:
    """The pages that the span may count as released."""
    unit, end = values["phys_page_size"], values["base"] + (values["npages"] << 13)
    return (end // unit * unit - -(-values["base"] // unit) * unit) >> 13


def build() -> Problem:
    """The same condition under the weaker premise."""
    return scavenger(
        only=("released does not wrap",),
        without=(COUNTED, FITS),
        given=weak,
        conditions=released,
        replayed=partial(replay_beyond, broken, {"npreleased": whole}),
    )


CLAIM = Claim(
    id="scavenger_weak_invariant",
    statement="If a span counts no more pages as released than it has, the bytes newly released do not wrap.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
