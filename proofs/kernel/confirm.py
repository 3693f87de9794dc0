"""Other solvers' opinions of what z3 has proved."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack

from proofs.confirming.ask import Asking
from proofs.confirming.solvers import SOLVERS
from proofs.kernel.claim import Problem
from proofs.kernel.export import logic, script
from proofs.kernel.queries import by_path
from proofs.kernel.solving import Solving
from proofs.kernel.work import Work
from proofs.results import Opinion


def confirm(problem: Problem, solving: Solving, work: Work) -> tuple[Opinion, ...]:
    """Ask each of the run's other solvers about each condition, with the facts that z3 needs on its path."""
    if not work.solvers:
        return ()
    done = 0
    with ExitStack() as stack:
        asked = [_Asked(stack.enter_context(Asking(SOLVERS[name])), work) for name in work.solvers]
        for path in by_path(problem):
            needed = solving.needed(path[0].facts, [q.negated for q in path])
            for q in path:
                terms = [*needed, q.negated]
                where = logic(terms)
                text = script(terms, where)
                for one in asked:
                    one.about(q.condition.name, where, text)
                done += 1
                work.progress(done, len(problem.conditions), ", ".join(work.solvers))
    return tuple(one.opinion() for one in asked)


class _Asked:
    """What one solver has said so far."""

    def __init__(self, asking: Asking, work: Work) -> None:
        self._asking = asking
        self._work = work
        self._confirmed = self._not_asked = 0
        self._gave_up: list[str] = []
        self._contradicted: list[str] = []

    def about(self, name: str, where: str, text: str) -> None:
        """Note its answer to one query."""
        solver = self._asking.solver
        if solver.logics is not None and where not in solver.logics:
            self._not_asked += 1
            return
        digest = hashlib.sha256(f"{solver.described}\n{text}".encode()).hexdigest()
        answer = "unsat" if digest in self._work.known else self._asking.ask(text)
        if answer == "unsat":
            self._work.found(digest)
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
