"""Deciding the liveness properties of a scenario: which, on what graph, and what becomes of the search's outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from checker.lowering.lowered import Lowered
from checker.lowering.machine import Machine
from checker.reduce import REDUCTIONS
from checker.search.breadth_first import Limits, Progress
from checker.search.explore_graph import explore_graph
from checker.search.graph_search import Explored
from checker.search.lasso import violation_of
from checker.search.liveness import Find, find_lasso, find_stay
from checker.search.outcome import Outcome
from spec.language import Property


@dataclass(frozen=True, slots=True)
class Decider:
    """An engine's way to decide liveness.

    Attributes
    ----------
    explore : callable
        Makes the graph, as `checker.search.explore_graph.explore_graph` does.
    find : callable
        Finds where a run can stay, as `checker.search.liveness.find_stay` does.
    whole : bool
        The graph is made from all properties of the search of states, because their code is compiled already.
    """

    explore: Callable[..., Explored]
    find: Find
    whole: bool = False


PYTHON = Decider(explore_graph, find_stay)


def decider(*, native: bool) -> Decider:
    """The way of an engine."""
    if not native:
        return PYTHON
    from checker.search.native_graph import explore_graph as native_graph
    from checker.search.native_liveness import find_stay as native_find

    return Decider(native_graph, native_find, whole=True)


def due(lowered: Lowered) -> list[Property]:
    """The liveness properties to decide: those that the scenario lists.

    Properties that were asked for are also decided where the scenario lists none, if it has all threads that they are
    fair to: without those they say nothing about it.
    """
    functions = {function.__name__ for _, function, _ in lowered.instances}
    listed = lowered.scenario.liveness
    return [
        p
        for p in lowered.properties
        if p.kind == "liveness" and (p.id in listed or (lowered.asked and functions.issuperset(p.fair)))
    ]


def check_liveness(
    lowered: Lowered,
    outcome: Outcome,
    limits: Limits,
    *,
    reductions: Collection[str] | None = None,
    report: Callable[[Progress], None] | None = None,
    decider: Decider = PYTHON,
) -> None:
    """Search for lassos and add what is found to the outcome of the search of single states.

    A bound makes an outcome without violations incomplete: what was cut off may hold a lasso. So nobody who has not asked
    for these properties gets them checked unless the search of states was exhaustive.
    """
    properties = due(lowered)
    if not properties or outcome.interrupted or not (lowered.asked or outcome.exhaustive):
        return
    began = time.perf_counter()
    machine = Machine(
        lowered.spec,
        lowered.declared,
        lowered.parameters,
        atomicity=lowered.atomicity,
        properties=lowered.properties if decider.whole else properties,
        explained=decider.whole and not lowered.strict,
        reductions=[r for r in (REDUCTIONS if reductions is None else reductions) if r != "threads"],
        without=lowered.without,
    )
    explored = decider.explore(machine, properties, limits, report)
    decide(machine, explored, properties, outcome, decider.find)
    outcome.seconds += time.perf_counter() - began


def decide(machine: Machine, explored: Explored, properties: list[Property], outcome: Outcome, find: Find = find_stay) -> None:
    """Decide each property on a graph, whoever made it, and write verdicts and violations into the outcome."""
    graph = explored.graph
    outcome.graph_states, outcome.graph_steps = graph.states, len(graph.target)
    for k, p in enumerate(properties):
        fair = [i for i, (_, function, _) in enumerate(machine.instances) if function.__name__ in p.fair]
        lasso = find_lasso(graph, k, fair, find) if graph.states else None
        if lasso is not None:
            outcome.violations.append(violation_of(machine, explored, p, fair, lasso))
        outcome.decided[p.id, p.name] = "violated" if lasso is not None else "incomplete" if explored.stopped else "ok"
        if not any(m >> 2 * k & 1 for m in graph.marks):
            outcome.vacuous.add((p.id, p.name))
    if explored.stopped:
        outcome.exhaustive = False
        outcome.stopped = outcome.stopped or f"{explored.stopped}, in the search for lassos"
        outcome.interrupted = outcome.interrupted or explored.interrupted
    if outcome.violations:
        outcome.verdict = "violation"
    elif outcome.stopped:
        outcome.verdict = "incomplete"
