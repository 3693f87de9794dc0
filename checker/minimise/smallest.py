"""From a violation that was found to the trace that a person reads: minimal, in the real order, every step accounted for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checker.lowering.machine import Machine
from checker.minimise.budget import Budget, Spent
from checker.minimise.case import Case, Undecided
from checker.minimise.minimiser import Minimiser, Result, Tell, minimise
from checker.minimise.needs import needs_of
from checker.minimise.place import place_of
from checker.minimise.polish import polish
from checker.search.outcome import Violation
from checker.search.real_order import DEPENDENT, REAL, Ordered, in_real_order
from checker.trace.record import record
from checker.trace.trace import Minimised, Reduction, Trace

if TYPE_CHECKING:
    from checker.minimise.oracle import OracleCase


def smallest(
    machine: Machine,
    violation: Violation,
    *,
    steps: int,
    shortest: bool,
    variant: str = "",
    seed: int | None = None,
    native: bool = True,
    tell: Tell | None = None,
) -> tuple[Trace, int]:
    """The trace of a violation, minimised within a budget.

    Parameters
    ----------
    machine : Machine
        Executes the violation's schedule.
    violation : Violation
    steps : int
        The budget in search steps; 0: the violation is left as it is.
    shortest : bool
        It is known that no shorter run of the machine shows it.
    variant, seed
        As in `Trace`.
    native : bool
        Search larger scopes by the native engine.
    tell : callable, optional
        Told about progress, a line at a time.

    Returns
    -------
    trace : Trace
    interrupted : int
        The exit code that a signal asks for; 0: none.
    """
    made = _minimised(machine, violation, steps, shortest, native, tell)
    ordered = in_real_order(made.machine, made.violation)
    if ordered is not None and ordered.order == DEPENDENT and made.machine is not machine:
        first = in_real_order(machine, violation)
        if first is not None and first.order == REAL:
            made = _minimised(first.machine, first.violation, steps, False, native, tell)
            ordered = Ordered(REAL, made.machine, made.violation)
    shown = Ordered("", made.machine, made.violation) if ordered is None else ordered
    in_order = _shorter(shown, steps, native) if len(shown.violation.schedule) > len(made.violation.schedule) else None
    shown = in_order or shown
    trace = record(
        shown.machine,
        shown.violation,
        variant=variant,
        shortest="yes" if in_order is not None else _shortest(made, shown),
        order=shown.order,
        seed=seed,
    )
    needs = needs_of(shown.machine, shown.violation)
    if trace.cause is not None:
        trace = replace(trace, cause=replace(trace.cause, needs=needs))
    if steps:
        trace = replace(trace, minimised=_said(machine, violation, made, shown))
    return trace, made.interrupted


def _minimised(machine: Machine, violation: Violation, steps: int, shortest: bool, native: bool, tell: Tell | None) -> Result:
    if not steps:
        return Result(machine, violation, shortest, False, "", 0, 0, 0)
    return minimise(machine, violation, steps=steps, shortest=shortest, native=native, tell=tell)


def smallest_for(case: OracleCase, *, variant: str = "", tell: Tell | None = None) -> tuple[Trace, int]:
    """As `smallest`, for whatever an oracle wants to see; the order of the trace's own scope is kept."""
    made = Minimiser(case, tell=tell).run()
    trace = record(made.machine, made.violation, variant=variant, shortest="not known, an oracle decides")
    shown = Ordered("", made.machine, made.violation)
    return replace(trace, minimised=_said(case.machine, case.violation, made, shown)), made.interrupted


def _shorter(shown: Ordered, steps: int, native: bool) -> Ordered | None:
    """The shortest run in the real order, where that takes longer than the order in which it was found; None: not known."""
    m, v = shown.machine, shown.violation
    alone = Machine(
        m.spec,
        m.declared,
        m.parameters,
        atomicity=m.atomicity,
        properties=[p for p in m.properties if (p.id, p.name) == (v.property, v.name)],
        explained=not m.strict,
        without=m.without,
    )
    case = Case(alone, v, Budget(steps), native=native)
    try:
        found = case.search(place_of(m), len(shown.violation.schedule)) if shown.violation.loop is None else None
        if found is not None:
            *_, found = found, *polish(case, found)
    except (Spent, Undecided):
        return None
    return None if found is None else Ordered(shown.order, m, found.violation)


def _shortest(made: Result, shown: Ordered) -> str:
    """``yes``, or why it is not known that no run of the trace's scope is shorter."""
    if shown.violation.loop is not None:
        return "its loop is fair, and short, but there may be a shorter one"
    if len(shown.violation.schedule) > len(made.violation.schedule):
        return "not known in the real order"
    return "yes" if made.shortest else "not known, its scope was not searched"


def _said(machine: Machine, violation: Violation, made: Result, shown: Ordered) -> Minimised:
    sizes = [
        Reduction("steps", len(violation.schedule), len(shown.violation.schedule)),
        Reduction("threads", len(machine.threads), len(shown.machine.threads)),
    ]
    for name, p in machine.spec.parameters.declared().items():
        before, after = machine.parameters[name], shown.machine.parameters[name]
        if p.size and before != after:
            sizes.append(Reduction(name, before, after))
    return Minimised(tuple(sizes), made.tries, made.search_steps, made.minimal, made.stopped)
