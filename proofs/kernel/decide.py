"""Deciding a claim, and the proof that it leaves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import z3

from proofs.counterexample import Counterexample
from proofs.kernel.claim import Claim, Problem
from proofs.kernel.confirm import confirm
from proofs.kernel.export import export
from proofs.kernel.queries import Query, by_path, queries, smtlib
from proofs.kernel.refute import refute, value_of
from proofs.kernel.solving import Solving, Stuck
from proofs.kernel.work import Work
from proofs.results import NOT_PROVED, PROVED, REFUTED, Opinion, Result

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Proof:
    """That a claim holds; only `decide` makes one."""

    claim: str
    statement: str
    conditions: int
    solver: str
    _seal: object = field(repr=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("only the kernel makes proofs; call proofs.kernel.decide")


def decide(claim: Claim, work: Work | None = None) -> tuple[Result, Proof | None]:
    """Try to prove or refute a claim, as it expects.

    Parameters
    ----------
    claim : Claim
    work : Work, optional
        What is known already, whom to tell, and which other solvers are to confirm each condition.

    Returns
    -------
    Result, Proof or None
        The proof is there exactly if the verdict is ``proved``.
    """
    began = time.monotonic()
    work = work or Work()
    solver = f"z3 {z3.get_version_string()}"
    problem = claim.build()
    verdict, count, vacuous, detail, opinions, proof = NOT_PROVED, 0, 0, "", tuple[Opinion, ...](), None
    shown: Counterexample | None = None
    try:
        solving = Solving(problem.strategy or _theory(problem), work)
        if claim.expected == REFUTED:
            detail = refute(problem, solving)
            verdict, count = REFUTED, len(problem.conditions)
        else:
            if work.export is not None:
                export(work.export / claim.id, claim.id, queries(problem))
            vacuous = prove(problem, solving, work)
            opinions = confirm(problem, solving, work)
            wrong = [f"{o.solver} contradicts z3 on {name!r}" for o in opinions for name in o.contradicted]
            if wrong:
                raise Stuck("; ".join(wrong))
            verdict, count = PROVED, len(problem.conditions)
            proof = Proof(claim.id, claim.statement, count, solver, _SEAL)
    except Stuck as e:
        detail, shown = str(e), e.shown
    result = Result(
        id=claim.id,
        statement=claim.statement,
        go=claim.go,
        expected=claim.expected,
        verdict=verdict,
        seconds=time.monotonic() - began,
        solver=solver,
        conditions=count,
        detail=detail,
        assumptions=claim.assumptions,
        paths=problem.paths,
        vacuous=vacuous,
        opinions=opinions,
        shown=shown,
    )
    return result, proof


def prove(problem: Problem, solving: Solving, work: Work) -> int:
    """Prove each condition; returns how many are vacuous: their path cannot happen.

    Raises
    ------
    Stuck
        Something does not follow, cannot occur, or is not found out.
    """
    if not problem.conditions:
        raise Stuck("the claim has no conditions")
    assumed = problem.assumed()
    for name, situation in {"the premises": z3.BoolVal(True), **problem.possible}.items():
        if solving.model([*assumed, situation], [], name) is None:
            raise Stuck(f"{name}: cannot occur, so the claim would hold for want of cases")
    done = vacuous = 0
    for path in by_path(problem):
        facts, name = path[0].facts, path[0].condition.name
        if facts and solving.model(facts, [], f"the path of {name}") is None:
            vacuous += len(path)
        elif not solving.none_of(facts, [q.negated for q in path]):
            _one_by_one(path, problem, solving)
        done += len(path)
        work.progress(done, len(problem.conditions), "z3")
    if vacuous == len(problem.conditions):
        raise Stuck("no condition's path can happen, so the claim would hold for want of cases")
    return vacuous


def _one_by_one(path: list[Query], problem: Problem, solving: Solving) -> None:
    """Prove the conditions of a path each on its own, and name the one that does not follow."""
    for q in path:
        model = solving.model(q.facts, [q.negated], q.condition.name)
        if model is not None:
            values = ", ".join(f"{k}={value_of(model, v)}" for k, v in problem.inputs.items())
            shown = problem.show(q) if problem.show is not None else None
            unseen = "; no heap that shows it was found in time" if problem.show is not None and shown is None else ""
            said = f"a model, not yet a bug{': ' + values if values else ''}{unseen}"
            raise Stuck(f"{q.condition.name}: does not follow ({said})", shown)


def _theory(problem: Problem) -> str:
    """The strategy for what the first condition is made of."""
    first = next(queries(problem), None)
    return "words" if first is None or "BitVec" in smtlib(first.terms) else "integers"
