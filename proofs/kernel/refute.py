"""Refuting a claim: its smallest counterexample, which the plain heap must confirm."""

from __future__ import annotations

import z3

from checker.symbolic import concrete
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term, disjunction
from proofs.kernel.claim import Problem
from proofs.kernel.queries import violation
from proofs.kernel.solving import Solving, Stuck


def refute(problem: Problem, solving: Solving) -> str:
    """The counterexample, and what the plain heap does with it.

    Raises
    ------
    Stuck
        There is none, or the plain heap does not break the same conditions.
    """
    fixed = problem.assumed()
    if solving.model(fixed, [], "the premises") is None:
        raise Stuck("the premises contradict each other")
    fixed.append(disjunction([violation(c) for c in problem.conditions]))
    model = solving.model(fixed, [], "the negation")
    if model is None:
        raise Stuck("there is no counterexample: the claim holds")
    for name in problem.smallest:
        model, least = _minimise(solving, fixed, problem.inputs[name], model, name)
        fixed.append(least)
    values = {k: value_of(model, v) for k, v in problem.inputs.items()}
    violated = {c.name for c in problem.conditions if value_of(model, violation(c))}
    text = ", ".join(f"{k}={v}" for k, v in values.items())
    if problem.replay is None:
        raise Stuck(f"a counterexample that nothing replays: {text}")
    replay = problem.replay(values)
    if replay.control:
        raise Stuck(f"the unmodified heap breaks {sorted(replay.control)} for {text}: {replay.text}")
    if not violated or not violated <= replay.broken:
        raise Stuck(f"z3 says {sorted(violated)}, the plain heap breaks {sorted(replay.broken)} for {text}: {replay.text}")
    return f"{text}: {replay.text}"


def value_of(model: Term, value: Value) -> int:
    """The value of a number or of a truth value (0 or 1) in a model."""
    if isinstance(value, Num) and z3.is_int(value.term):
        return int(model.eval(value.term, model_completion=True).as_long())
    return concrete.evaluate(model, value)


def _minimise(solving: Solving, fixed: list[Term], value: Num, model: Term, name: str) -> tuple[Term, Term]:
    """The least value under these constraints, by bisection: its model and the constraint that fixes it."""
    lo, hi = min(value.lo, 0), value_of(model, value)
    while lo < hi:
        middle = (lo + hi) // 2
        smaller = solving.model([*fixed, value <= middle], [], f"smallest {name}")
        if smaller is None:
            lo = middle + 1
        else:
            model, hi = smaller, value_of(smaller, value)
    return model, value == hi
