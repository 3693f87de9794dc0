"""From a lasso over canonical forms to a run that really happens.

Forms close a loop up to renaming only: having gone round once, the real run may be in a state that differs from the one
in which it entered. It then goes round again, in the same way, until a state comes back; there are finitely many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.lowering.machine import Machine, Successor
from checker.search.concrete import Unsound
from checker.search.graph_search import Explored
from checker.search.liveness import Lasso
from checker.search.outcome import Choice, Fairness, Violation
from spec.language import Property

Aim = tuple[int, bytes]
"""A step to follow: who takes it, and the form it leads to."""

Run = tuple[tuple[Choice, ...], tuple[bytes, ...]]
"""Steps, and the state behind each."""


def violation_of(machine: Machine, explored: Explored, prop: Property, fair: Sequence[int], lasso: Lasso) -> Violation:
    """A real run that violates a liveness property.

    Raises
    ------
    Unsound
        No run follows the lasso, or the one that does keeps the property.
    """
    prefix, loop = _aims(explored, lasso.prefix), _aims(explored, lasso.loop)
    initial = machine.initial()
    steps, states = _follow(machine, prop, initial, prefix)
    states = (initial, *states)
    began = len(steps)
    if loop:
        entries = [states[-1]]
        while True:
            more, behind = _follow(machine, prop, states[-1], loop)
            steps, states = steps + more, states + behind
            if states[-1] in entries:
                began += entries.index(states[-1]) * len(loop)
                break
            entries.append(states[-1])
    facts = tuple(_fairness(machine, t, steps[began:], states[began:]) for t in fair)
    _require_violated(machine, prop, states, began, facts)
    return Violation(prop.id, prop.name, clause_of(prop), (), steps, 13, loop=began, fairness=facts)


def clause_of(prop: Property) -> str:
    """What a liveness property says, in the spec's names."""
    goal = prop.function.__name__
    return f"{goal} again and again" if prop.after is None else f"{prop.after.__name__} leads to {goal}"


def _aims(explored: Explored, steps: Iterable[int]) -> list[Aim]:
    graph = explored.graph
    return [(graph.thread[e], explored.forms[graph.target[e]]) for e in steps]


def _follow(machine: Machine, prop: Property, state: bytes, aims: list[Aim]) -> Run:
    """The least run from a state whose steps are those aimed at."""
    runs: dict[bytes, Run] = {state: ((), ())}
    for number, (thread, form) in enumerate(aims, start=1):
        following: list[tuple[Run, Successor]] = []
        for at, run in runs.items():
            following += [(run, s) for s in machine.steps(at, thread) if s.thrown is None]
        runs = {}
        for canonical in (machine.canonical, machine.canonical.loosely):
            wanted = canonical(form)
            for (steps, states), s in following:
                if s.state not in runs and canonical(s.state) == wanted:
                    runs[s.state] = ((*steps, (s.thread, s.choice)), (*states, s.state))
            if runs:
                break
        if not runs:
            raise _unsound(machine, prop, f"no real run follows it beyond step {number} of {len(aims)}")
    return next(iter(runs.values()))


def _fairness(machine: Machine, thread: int, steps: tuple[Choice, ...], states: tuple[bytes, ...]) -> Fairness:
    """How the steps and states of a loop treat a thread."""
    always = all(machine.steps(s, thread) for s in dict.fromkeys(states))
    return Fairness(machine.threads[thread], always, any(t == thread for t, _ in steps))


def _require_violated(
    machine: Machine, prop: Property, states: tuple[bytes, ...], began: int, facts: tuple[Fairness, ...]
) -> None:
    """See to it that the real run shows what the graph promised."""
    goal = machine.predicate(prop.function)
    after = machine.predicate(prop.after) if prop.after is not None else lambda _: True
    reached = [i for i, s in enumerate(states) if goal(s)]
    since = reached[-1] + 1 if reached else 0
    if since > began or not any(after(s) for s in states[since:]):
        raise _unsound(machine, prop, "the real run reaches the goal")
    if unfair := [f.thread for f in facts if f.enabled_always and not f.taken]:
        raise _unsound(machine, prop, f"the real run is unfair to {unfair[0]}")
    if began == len(states) - 1 and machine.successors(states[-1]):
        raise _unsound(machine, prop, "the real run goes on")


def _unsound(machine: Machine, prop: Property, said: str) -> Unsound:
    by = ", ".join(machine.canonical.reductions) or "none"
    return Unsound(
        f"a lasso that violates {prop.id} {prop.name!r} was found on reduced states (reductions: {by}), but {said}: a "
        "declaration of the spec is wrong, or the tool is; search with --reduce none"
    )
