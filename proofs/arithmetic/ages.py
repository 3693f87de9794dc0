"""Which spans are old: the scavenger compares ages as unsigned machine words."""

from __future__ import annotations

from functools import partial

import z3

from checker.symbolic.number import Term, conjunction, disjunction, num
from checker.symbolic.state import State
from proofs.arithmetic.plain_scavenger import Seen, Values, replay_beyond
from proofs.arithmetic.scavenger import FITS, Case, rounding, scavenger
from proofs.kernel import Condition, Problem
from spec.language import Edit

WORD = 1 << 64
CLOCK = 1 << 63
"""A clock of nanoseconds is a signed number in Go."""


def old(case: Case) -> Term:
    """The span's age, as an exact number, is above the limit."""
    return case.now - case.span.unusedsince > case.limit


def misfires(case: Case) -> Term:
    """The span was freed after ``now`` was read, but by less than what is missing to a whole turn of the clock."""
    later = case.span.unusedsince - case.now
    return conjunction([later > 0, later < num(WORD) - case.limit])


def exactly(path: State, case: Case) -> list[Condition]:
    """When a span with something to release is released."""
    there = conjunction([path.condition(), case.new > 0])
    released, since = z3.BoolVal(bool(path.effects)), case.span.unusedsince
    small = conjunction([v < CLOCK for v in (case.now, since, case.limit)])
    forced = conjunction([case.now == WORD - 1, case.limit == 0])
    goals = {
        "the old ones and the misfires": released == disjunction([old(case), misfires(case)]),
        "with clocks of 63 bits, the old ones and all that are younger than now": z3.Implies(
            small, released == disjunction([old(case), case.now < since])
        ),
        "for FreeOSMemory all that are not stamped with its own now": z3.Implies(forced, released == (since < WORD - 1)),
    }
    due = [c for c in rounding(path, case) if c.name in ("released only what is due", "released all that is due")]
    return [*due, *(Condition(name, there, goal) for name, goal in goals.items())]


def words(case: Case) -> list[Condition]:
    """The comparison of words alone: easy, and easy to build on; with the rounding in sight it is not."""
    stamp = case.span.unusedsince.term.arg(0)
    exact = case.old == disjunction([old(case), misfires(case)])
    return [Condition("the comparison of words", z3.BoolVal(True), exact, lemma=True, cut=(stamp,))]


def only_old(path: State, case: Case) -> list[Condition]:
    """Only what is old is released."""
    goal = z3.BoolVal(True) if not path.effects else old(case)
    return [Condition("released only what is old", path.condition(), goal)]


def judge(values: Values, seen: Seen) -> frozenset[str]:
    """The same, of what the plain heap did."""
    wrong = bool(seen.calls) and not values["now"] - values["unusedsince"] > values["limit"]
    return frozenset({"released only what is old"}) if wrong else frozenset()


def ages(edits: tuple[Edit, ...] = ()) -> Problem:
    """When exactly a span is released."""
    return scavenger(edits, without=(FITS,), lemmas=words, conditions=exactly)


def naive(edits: tuple[Edit, ...] = ()) -> Problem:
    """That a span freed after ``now`` is never released."""
    return scavenger(
        edits,
        only=("released only what is old",),
        without=(FITS,),
        given=Case.small,
        conditions=only_old,
        replayed=partial(replay_beyond, judge, {"now": lambda values: values["unusedsince"]}),
    )
