"""Other solvers' opinions of what z3 has proved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack

import z3

from checker.symbolic.number import Term
from proofs.confirming.ask import Asking
from proofs.confirming.solvers import SOLVERS
from proofs.kernel.claim import Problem
from proofs.kernel.export import logic, script
from proofs.kernel.queries import Query, by_path
from proofs.kernel.work import Work
from proofs.results import Opinion


def confirm(problem: Problem, work: Work, *, at_once: bool) -> tuple[Opinion, ...]:
    """Ask each of the run's other solvers about each condition.

    Parameters
    ----------
    problem : Problem
    work : Work
    at_once : bool
        Ask first whether none of a path's conditions can fail, and about each only if that is not known then.
    """
    if not work.solvers:
        return ()
    done = 0
    with ExitStack() as stack:
        asked = [_Asked(stack.enter_context(Asking(SOLVERS[name])), work) for name in work.solvers]
        for path in by_path(problem):
            together = _Script([*path[0].facts, z3.Or(*(q.negated for q in path))]) if at_once and len(path) > 1 else None
            each = [_Script(q.terms) for q in path]
            for one in asked:
                one.about(path, each, together)
            done += len(path)
            work.progress(done, len(problem.conditions), ", ".join(work.solvers))
    return tuple(one.opinion() for one in asked)


class _Script:
    """A query's text, made when it is needed."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = terms
        self._logic, self._text = "", ""

    @property
    def logic(self) -> str:
        """The name of the logic that it is in."""
        self._logic = self._logic or logic(self._terms)
        return self._logic

    @property
    def text(self) -> str:
        """The whole script."""
        self._text = self._text or script(self._terms, self.logic)
        return self._text


class _Asked:
    """What one solver has said so far."""

    def __init__(self, asking: Asking, work: Work) -> None:
        self._asking = asking
        self._work = work
        self._confirmed = self._not_asked = 0
        self._gave_up: list[str] = []
        self._contradicted: list[str] = []

    def about(self, path: Sequence[Query], each: Sequence[_Script], together: _Script | None) -> None:
        """Note its answers on a path's conditions, which may be asked together."""
        if together is not None and self._takes(together) and self._answer(together) == "unsat":
            self._confirmed += len(path)
            return
        for q, one in zip(path, each, strict=True):
            if not self._takes(one):
                self._not_asked += 1
                continue
            answer = self._answer(one)
            if answer == "unsat":
                self._confirmed += 1
            elif answer == "sat":
                self._contradicted.append(q.condition.name)
            else:
                self._gave_up.append(f"{q.condition.name}: {answer}")

    def _takes(self, one: _Script) -> bool:
        logics = self._asking.solver.logics
        return logics is None or one.logic in logics

    def _answer(self, one: _Script) -> str:
        digest = hashlib.sha256(f"{self._asking.solver.described}\n{one.text}".encode()).hexdigest()
        answer = "unsat" if digest in self._work.known else self._asking.ask(one.text)
        if answer == "unsat":
            self._work.found(digest)
        return answer

    def opinion(self) -> Opinion:
        """All that it said."""
        return Opinion(
            self._asking.solver.described,
            self._confirmed,
            self._not_asked,
            tuple(self._gave_up),
            tuple(self._contradicted),
        )
