"""Other solvers' opinions of what z3 has proved."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

from proofs.confirming.ask import Asking
from proofs.confirming.solvers import SOLVERS
from proofs.kernel.claim import Problem
from proofs.kernel.export import logic, script
from proofs.kernel.queries import queries
from proofs.kernel.work import Work
from proofs.results import Opinion


def confirm(problem: Problem, work: Work) -> tuple[Opinion, ...]:
    """Ask each of the run's other solvers about each condition's query."""
    if not work.solvers:
        return ()
    with ExitStack() as stack:
        asked = [_Asked(stack.enter_context(Asking(SOLVERS[name]))) for name in work.solvers]
        for done, q in enumerate(queries(problem), 1):
            terms = q.terms
            where = logic(terms)
            text = script(terms, where)
            for one in asked:
                one.about(q.condition.name, where, text, work)
            work.progress(done, len(problem.conditions), ", ".join(work.solvers))
    return tuple(one.opinion() for one in asked)


class _Asked:
    """What one solver has said so far."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._confirmed = self._not_asked = 0
        self._gave_up: list[str] = []
        self._contradicted: list[str] = []

    def about(self, name: str, where: str, text: str, work: Work) -> None:
        """Note its answer to one query."""
        solver = self._asking.solver
        if solver.logics is not None and where not in solver.logics:
            self._not_asked += 1
            return
        digest = hashlib.sha256(f"{solver.described}\n{text}".encode()).hexdigest()
        answer = "unsat" if digest in work.known else self._asking.ask(text)
        if answer == "unsat":
            work.found(digest)
            self._confirmed += 1
        elif answer == "sat":
            self._contradicted.append(name)
        else:
            self._gave_up.append(f"{name}: {answer}")

    def opinion(self) -> Opinion:
        """All that it said."""
        return Opinion(
            self._asking.solver.described,
            self._confirmed,
            self._not_asked,
            tuple(self._gave_up),
            tuple(self._contradicted),
        )
