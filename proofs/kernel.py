"""The kernel: the only maker of proofs.

A claim is proved when its premises are satisfiable together, each situation that it speaks of can occur, and the
negation of each verification condition is unsatisfiable. It is refuted when a counterexample, the smallest in the
claim's own order, misbehaves on the plain heap too. Everything else, ``unknown`` and time limits included, is
"not proved". Nothing is admitted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import z3

from checker.symbolic.concrete import evaluate
from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation
from proofs.results import NOT_PROVED, PROVED, REFUTED, Result

TIMEOUT = 60_000
"""Milliseconds for one query, after z3's first strategy has had `QUICK` for it."""

QUICK = 5_000


@dataclass(frozen=True, slots=True)
class Condition:
    """What must follow from the premises: ``goal`` on every path on which ``when`` holds.

    A ``lemma`` may, once it is proved, be used for the conditions after it. A condition with a ``cut`` is proved from
    nothing, with each of these terms replaced by a variable that may be anything: it holds for all values, so for these.
    """

    name: str
    when: Term
    goal: Term
    lemma: bool = False
    cut: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """What the plain heap does with a counterexample.

    Attributes
    ----------
    broken : frozenset of str
        Names of the conditions that are false there, found without z3.
    control : frozenset of str
        The same for the unmodified spec: must be empty.
    text : str
        What happened.
    """

    broken: frozenset[str]
    control: frozenset[str]
    text: str


@dataclass(slots=True)
class Problem:
    """A claim in z3's terms.

    Attributes
    ----------
    premises : dict of str to term
        Each with a sentence that says it.
    conditions : list of Condition
    possible : dict of str to term
        Situations that the premises must leave possible, so that no condition holds for want of cases.
    memory : Memory, optional
        Of the run; its definitions belong to the premises.
    inputs : dict of str to value
        What a counterexample consists of.
    smallest : tuple of str
        The inputs to make small, the most important first.
    replay : callable, optional
        Runs the plain heap on the inputs' values.
    """

    premises: dict[str, Term]
    conditions: list[Condition]
    possible: dict[str, Term] = field(default_factory=dict)
    memory: Memory | None = None
    inputs: dict[str, Value] = field(default_factory=dict)
    smallest: tuple[str, ...] = ()
    replay: Callable[[Mapping[str, int]], Replay] | None = None

    def assumed(self) -> list[Term]:
        """The premises and what the memory's names mean."""
        return [*self.premises.values(), *(self.memory.assumptions() if self.memory is not None else ())]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about a function of the heap.

    Attributes
    ----------
    id, statement : str
        The statement is one sentence.
    go, function : str
        What it is about, in Go and in the spec.
    build : callable
        Makes the problem.
    expected : str
        ``proved``; or ``refuted``, for a wrong fix that is kept beside the right one.
    assumptions : tuple of str
        What is taken for granted beyond the premises.
    """

    id: str
    statement: str
    go: str
    function: str
    build: Callable[[], Problem]
    expected: str = PROVED
    assumptions: tuple[str, ...] = ()


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


class _Stuck(Exception):
    """There is no verdict; says why."""


def decide(claim: Claim) -> tuple[Result, Proof | None]:
    """Try to prove or refute a claim, as it expects.

    Returns
    -------
    Result, Proof or None
        The proof is there exactly if the verdict is ``proved``.
    """
    began = time.monotonic()
    solver = f"z3 {z3.get_version_string()}"
    problem = claim.build()
    proof = None
    try:
        if claim.expected == REFUTED:
            verdict, count, detail = REFUTED, 1, _refute(problem)
        else:
            verdict, count, detail = PROVED, _prove(problem), ""
            proof = Proof(claim.id, claim.statement, count, solver, _SEAL)
    except _Stuck as e:
        verdict, count, detail = NOT_PROVED, 0, str(e)
    seconds = time.monotonic() - began
    result = Result(
        id=claim.id,
        statement=claim.statement,
        go=claim.go,
        expected=claim.expected,
        verdict=verdict,
        seconds=seconds,
        solver=solver,
        conditions=count,
        detail=detail,
        assumptions=claim.assumptions,
    )
    return result, proof


def _prove(problem: Problem) -> int:
    assumed = problem.assumed()
    if not problem.conditions:
        raise _Stuck("the claim has no conditions")
    for name, situation in {"the premises": z3.BoolVal(True), **problem.possible}.items():
        if _check([*assumed, situation], name) is None:
            raise _Stuck(f"{name}: cannot occur, so the claim would hold for want of cases")
    for c in problem.conditions:
        model = _check(_negated(assumed, c), c.name)
        if model is not None:
            values = ", ".join(f"{k}={evaluate(model, v)}" for k, v in problem.inputs.items())
            raise _Stuck(f"{c.name}: does not follow (a model, not yet a bug: {values})")
        if c.lemma:
            assumed.append(z3.Implies(c.when, c.goal))
    return len(problem.conditions)


def _negated(assumed: list[Term], c: Condition) -> list[Term]:
    """What must be unsatisfiable for a condition to follow."""
    if not c.cut:
        return [*assumed, c.when, negation(c.goal)]
    free = [(term, z3.FreshConst(term.sort())) for term in c.cut]
    return [z3.substitute(z3.And(c.when, negation(c.goal)), *free)]


def _refute(problem: Problem) -> str:
    assumed = problem.assumed()
    if _check(assumed, "the premises") is None:
        raise _Stuck("the premises contradict each other")
    wrong = disjunction([conjunction([c.when, negation(c.goal)]) for c in problem.conditions])
    model = _check([*assumed, wrong], "the negation")
    if model is None:
        raise _Stuck("there is no counterexample: the claim holds")
    fixed = [*assumed, wrong]
    for name in problem.smallest:
        model, least = _minimise(fixed, problem.inputs[name], model, name)
        fixed.append(least)
    values = {k: evaluate(model, v) for k, v in problem.inputs.items()}
    violated = {c.name for c in problem.conditions if evaluate(model, conjunction([c.when, negation(c.goal)]))}
    text = ", ".join(f"{k}={v}" for k, v in values.items())
    if problem.replay is None:
        raise _Stuck(f"a counterexample that nothing replays: {text}")
    replay = problem.replay(values)
    if replay.control:
        raise _Stuck(f"the unmodified heap breaks {sorted(replay.control)} for {text}: {replay.text}")
    if not violated or not violated <= replay.broken:
        raise _Stuck(f"z3 says {sorted(violated)}, the plain heap breaks {sorted(replay.broken)} for {text}: {replay.text}")
    return f"{text}: {replay.text}"


def _minimise(fixed: list[Term], value: Num, model: Term, name: str) -> tuple[Term, Term]:
    """The least value under these constraints, by bisection: its model and the constraint that fixes it."""
    lo, hi = min(value.lo, 0), evaluate(model, value)
    while lo < hi:
        middle = (lo + hi) // 2
        smaller = _check([*fixed, value <= middle], f"smallest {name}")
        if smaller is None:
            lo = middle + 1
        else:
            model, hi = smaller, evaluate(smaller, value)
    return model, value == hi


def _check(terms: list[Term], what: str) -> Term | None:
    """A model, or None if there is none; z3's strategies take turns."""
    reason = ""
    for make, limit in ((z3.Solver, QUICK), (z3.Tactic("qfufbv").solver, TIMEOUT)):
        solver = make()
        solver.set("timeout", limit)
        solver.add(*terms)
        answer = solver.check()
        if answer != z3.unknown:
            return solver.model() if answer == z3.sat else None
        reason = solver.reason_unknown()
    raise _Stuck(f"{what}: z3 gave up ({reason})")
