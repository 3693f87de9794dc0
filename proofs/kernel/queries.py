"""The queries that decide a problem's conditions, and their text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import z3

from checker.symbolic.number import Term, conjunction, negation
from proofs.kernel.claim import Condition, Problem


@dataclass(frozen=True, slots=True)
class Query:
    """A condition follows if its facts and the negation of its goal are unsatisfiable together.

    Attributes
    ----------
    condition : Condition
    facts : list of term
        The premises, the lemmas so far and what the path says; the same list for conditions of the same path.
    negated : term
    """

    condition: Condition
    facts: list[Term]
    negated: Term

    @property
    def terms(self) -> list[Term]:
        """All that is asserted."""
        return [*self.facts, self.negated]


def queries(problem: Problem) -> Iterator[Query]:
    """The queries of a problem's conditions, in order; a lemma is among the facts of those after it."""
    assumed = problem.assumed()
    facts: list[Term] = []
    last: Condition | None = None
    for c in problem.conditions:
        if c.cut:
            yield Query(c, [], _cut(c))
        else:
            if last is None or c.given is not last.given or not c.when.eq(last.when):
                facts = [*assumed, *c.given, c.when]
            yield Query(c, facts, negation(c.goal))
            last = c
        if c.lemma:
            assumed.append(z3.Implies(conjunction([*c.given, c.when]), c.goal))
            last = None


def by_path(problem: Problem) -> Iterator[list[Query]]:
    """The queries, those together that have the same facts."""
    group: list[Query] = []
    for q in queries(problem):
        if group and q.facts is not group[0].facts:
            yield group
            group = []
        group.append(q)
    if group:
        yield group


def violation(c: Condition) -> Term:
    """That a condition is false."""
    return conjunction([*c.given, c.when, negation(c.goal)])


def _cut(c: Condition) -> Term:
    free = [(term, z3.FreshConst(term.sort())) for term in c.cut]
    return z3.substitute(z3.And(c.when, negation(c.goal)), *free)


def smtlib(terms: Sequence[Term]) -> str:
    """The terms as assertions of SMT-LIB 2, with all that they declare and the status ``unsat``."""
    *rest, last = terms
    others = (z3.Ast * len(rest))(*(t.as_ast() for t in rest))
    text: str = z3.Z3_benchmark_to_smtlib_string(z3.main_ctx().ref(), "", "", "unsat", "", len(rest), others, last.as_ast())
    return text


class Digests:
    """Names sets of assertions by their text, each assertion printed once."""

    def __init__(self) -> None:
        self._version = z3.get_full_version().encode()
        self._terms: dict[int, tuple[Term, bytes]] = {}
        """With the terms themselves: z3 uses the number of a term that is gone again."""

    def __call__(self, terms: Sequence[Term]) -> str:
        """A hash of the solver's version and the texts."""
        h = hashlib.sha256(self._version)
        for term in terms:
            h.update(self._of(term))
        return h.hexdigest()

    def _of(self, term: Term) -> bytes:
        known = self._terms.get(term.get_id())
        if known is None:
            known = term, hashlib.sha256(smtlib([term]).encode()).digest()
            self._terms[term.get_id()] = known
        return known[1]
