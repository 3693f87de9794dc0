"""A span that ends with the address space."""

from __future__ import annotations

from functools import partial

from checker.symbolic.number import Term
from proofs.arithmetic.plain_scavenger import broken, replay_beyond
from proofs.arithmetic.scavenger import ASSUMES, TOP, Case, scavenger
from proofs.kernel import Claim, Problem


def rounded(case: Case) -> dict[str, Term]:
    """What is left of the premise."""
    return {
        "the first address rounded up is a machine word": case.start + case.phys <= 1 << 64,
        "the span ends at 2^64": case.end == 1 << 64,
    }


def build() -> Problem:
    """The conditions of the claim ``scavenger_rounding``, without one of its premises."""
    return scavenger(
        only=("released all that is due",),
        without=(TOP,),
        given=rounded,
        replayed=partial(replay_beyond, broken, {"base": lambda values: values["base"] - values["phys_page_size"]}),
    )


CLAIM = Claim(
    id="scavenger_end_of_memory",
    statement="The scavenger gives back the whole physical pages of an old span that ends at 2^64.",
    go="mheap.go:scavengelist",
    function="scavenge.scavenge_span",
    build=build,
    expected="refuted",
    assumptions=ASSUMES,
)
