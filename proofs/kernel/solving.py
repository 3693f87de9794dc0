"""Whether terms are satisfiable together: z3's strategies take turns, by what the terms are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import z3

from checker.symbolic.number import Term
from proofs.counterexample import Counterexample
from proofs.kernel.queries import Digests
from proofs.kernel.work import Work

QUICK, TIMEOUT = 5_000, 60_000
"""Milliseconds for one query, by the first attempt and by the one after it."""

Attempt = Callable[[Sequence[Term], Sequence[Term]], tuple[Term, str]]
"""From facts and a question to a model, False if there is none, or None; and why there is no answer."""


class Stuck(Exception):
    """There is no verdict; says why, and may show a heap."""

    def __init__(self, said: str, shown: Counterexample | None = None) -> None:
        super().__init__(said)
        self.shown = shown


def alone(make: Callable[[], Term], limit: int) -> Attempt:
    """A new solver for each query: z3 simplifies all that it is given before it searches."""

    def attempt(facts: Sequence[Term], question: Sequence[Term]) -> tuple[Term, str]:
        solver = make()
        solver.set("timeout", limit)
        solver.add(*facts, *question)
        return _answer(solver)

    return attempt


def _old_arithmetic() -> Term:
    """z3's former solver for linear arithmetic: on facts of paths it is two to three times as fast as the new one."""
    solver = z3.SimpleSolver()
    solver.set("arith.solver", 2)
    return solver


def _solved_for() -> Term:
    """z3 with what is equal to something else replaced by it first."""
    return z3.Then("simplify", "propagate-values", "solve-eqs", "smt").solver()


@dataclass(frozen=True, slots=True)
class Strategy:
    """What to try, one after the other; and whether to ask first about all conditions of a path at once."""

    attempts: Callable[[], list[Attempt]]
    at_once: bool


STRATEGIES = {
    "words": Strategy(lambda: [alone(z3.Solver, QUICK), alone(z3.Tactic("qfufbv").solver, TIMEOUT)], False),
    "integers": Strategy(lambda: [alone(_old_arithmetic, QUICK), alone(_solved_for, TIMEOUT)], True),
}


class Solving:
    """Answers the queries of one problem.

    Parameters
    ----------
    strategy : str
        A key of `STRATEGIES`.
    work : Work
        Knows queries that need not be asked again.
    """

    def __init__(self, strategy: str, work: Work) -> None:
        self._strategy = STRATEGIES[strategy]
        self._attempts = self._strategy.attempts()
        self._work = work
        self._digest = Digests()

    @property
    def at_once(self) -> bool:
        """Whether to ask first about all conditions of a path."""
        return self._strategy.at_once

    def none_of(self, facts: Sequence[Term], negated: Sequence[Term]) -> bool:
        """Whether it is known after one query that none of these can hold with the facts."""
        if not self.at_once or len(negated) == 1:
            return False
        try:
            return self.model(facts, [z3.Or(*negated)], "all conditions of a path") is None
        except Stuck:
            return False

    def needed(self, facts: Sequence[Term], negated: Sequence[Term]) -> Sequence[Term]:
        """The facts with which none of these can hold, as far as z3 tells soon; else all of them.

        What follows from a few facts follows from all; a solver that is given the few has less to read.
        """
        if not self.at_once:
            return facts
        solver = _old_arithmetic()
        solver.set("timeout", QUICK)
        names = {}
        for fact in facts:
            name = z3.FreshBool("fact")
            names[name.get_id()] = name, fact
            solver.assert_and_track(fact, name)
        solver.add(z3.Or(*negated))
        if solver.check() != z3.unsat:
            return facts
        return [names[name.get_id()][1] for name in solver.unsat_core()]

    def model(self, facts: Sequence[Term], question: Sequence[Term], what: str) -> Term | None:
        """A model of facts and question, or None if there is none.

        Raises
        ------
        Stuck
            No strategy finds out in its time.
        """
        digest = self._digest([*facts, *question])
        reasons = []
        if digest not in self._work.known:
            for attempt in self._attempts:
                answer, reason = attempt(facts, question)
                if answer is False:
                    break
                if answer is not None:
                    return answer
                reasons.append(reason)
            else:
                raise Stuck(f"{what}: z3 gave up ({', then '.join(reasons)})")
        self._work.found(digest)
        return None


def _answer(solver: Term) -> tuple[Term, str]:
    answer = solver.check()
    if answer == z3.sat:
        return solver.model(), ""
    return (False, "") if answer == z3.unsat else (None, solver.reason_unknown())
