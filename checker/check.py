"""One scope checked from start to end: states, liveness, and the counterexample that a person reads.

All that checks a scope calls this: `explore`, `verify` and the pytest plugin. Nothing here knows of a command line.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checker.errors import SpecEvaluationError, UsageError
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.minimise.budget import AUTOMATIC
from checker.minimise.smallest import smallest
from checker.report.progress import Reporter
from checker.report.result import result
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.check_liveness import check_liveness, decider
from checker.search.outcome import NEVER, Outcome, Violation
from checker.trace.command import explore_command
from checker.trace.trace import Trace
from spec.language import Property

if TYPE_CHECKING:
    from checker.search.native import NativeSearch
    from checker.search.saving import Saving

NATIVE, PYTHON = "native", "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a scope is checked; it decides nothing about what is true, but for ``reductions`` and ``go_on``.

    Attributes
    ----------
    engine : str
        `NATIVE` or `PYTHON`.
    jobs : int or None
        Workers of the native engine; None: as many as there are cores.
    storage : str
        What the native engine keeps of a visited state: ``64``, ``128`` or ``exact``.
    checked : bool
        The native engine checks every state that it meets.
    go_on : bool
        Do not stop after the first level with a violation.
    reductions : tuple of str or None
        None: all that the spec declares and the parameters allow.
    liveness : bool
        Decide the liveness properties too.
    minimise : int or None
        Search steps that making a counterexample smaller may take; None: a moderate number.
    variant, spec : str or None
        The known bug that was put back, and the folder of the spec, as the user named them.
    """

    engine: str = NATIVE
    jobs: int | None = None
    storage: str = "64"
    checked: bool = False
    go_on: bool = False
    reductions: tuple[str, ...] | None = None
    liveness: bool = True
    minimise: int | None = None
    variant: str | None = None
    spec: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    Attributes
    ----------
    outcome : Outcome
    result : dict
        The result object of `checker.report.result`.
    trace : Trace or None
        The counterexample to report first, if a violation has a run.
    interrupted : int
        The exit code of an interrupt while the counterexample was made smaller; 0: none.
    """

    outcome: Outcome
    result: dict[str, Any]
    trace: Trace | None
    interrupted: int


def check(
    machine: Machine,
    limits: Limits,
    how: How,
    *,
    saving: AbstractContextManager[Saving | None] | None = None,
    report: Reporter | None = None,
    tell: Callable[[str], None] | None = None,
    began: float | None = None,
    shown: Collection[tuple[str, str]] = (),
) -> Check:
    """Check one scope.

    Parameters
    ----------
    machine : Machine
    limits : Limits
    how : How
    saving : context manager, optional
        The checkpoints of the search; entered while it runs.
    report : Reporter, optional
        Told about the search.
    tell : callable, optional
        Told about minimising, a line at a time.
    began : float, optional
        When the work for this scope began, by `time.perf_counter`, if that was before this call.
    shown : collection of str and str
        Properties and clauses whose counterexample need not be made smaller, because there is one of another scope.

    Raises
    ------
    SpecEvaluationError
        The spec failed while being evaluated.
    """
    began = time.perf_counter() if began is None else began
    try:
        with saving or nullcontext() as kept:
            search = search_of(machine, limits, how, report, kept)
            compiled = time.perf_counter() - began
            outcome = search.run()
        if how.liveness and (how.go_on or not outcome.violations):
            check_liveness(
                machine,
                outcome,
                limits,
                reductions=how.reductions,
                report=report,
                decider=decider(native=how.engine != PYTHON),
            )
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {machine.scenario.name}: {e}") from e
    if report is not None:
        report.close(outcome)
    first, trace, interrupted = first_run(outcome), None, 0
    if first is not None:
        budget = replace(how, minimise=0) if (first.property, first.clause) in shown else how
        trace, interrupted = trace_of(machine, first, budget, shortest=not outcome.interrupted, tell=tell)
        machine.spec.parameters.reset(machine.parameters)
    seconds = {"total": time.perf_counter() - began, "compile": compiled}
    found = result(machine, outcome, seconds, strict=machine.strict, trace=trace)
    return Check(outcome, {**found, "variant": how.variant}, trace, interrupted)


def selected(spec: Spec, names: Sequence[str] | None) -> list[Property] | None:
    """The properties of some ids or names; None stands for all of them.

    Raises
    ------
    UsageError
        The spec has no such property.
    """
    if not names:
        return None
    known = {p.id for p in spec.properties} | {"P6", "P26"}
    unknown = [n for n in names if n not in known and n not in {p.name for p in spec.properties}]
    if unknown:
        raise UsageError(f"no property {unknown[0]!r}; this spec has: {', '.join(sorted(known, key=lambda i: (len(i), i)))}")
    return [p for p in spec.properties if p.id in names or p.name in names]


def search_of(
    machine: Machine, limits: Limits, how: How, report: Reporter | None = None, saving: Saving | None = None
) -> NativeSearch | BreadthFirst:
    """A search of a machine; native code is compiled by now."""
    if how.engine == PYTHON:
        return BreadthFirst(machine, limits, go_on=how.go_on, report=report)
    from checker.search.native import NativeSearch

    return NativeSearch(
        machine,
        limits,
        go_on=how.go_on,
        report=report,
        jobs=how.jobs or usable_cores(),
        storage=how.storage,
        checked=how.checked,
        saving=saving,
    )


def first_run(outcome: Outcome) -> Violation | None:
    """The violation to report first, if one of them has a run."""
    return next((v for v in outcome.violations if v.clause != NEVER), None)


def trace_of(
    machine: Machine,
    violation: Violation,
    how: How,
    *,
    shortest: bool,
    seed: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> tuple[Trace, int]:
    """The trace of a violation, minimised within the budget; and the exit code of an interrupt, or 0."""
    trace, interrupted = smallest(
        machine,
        violation,
        steps=AUTOMATIC if how.minimise is None else how.minimise,
        shortest=shortest,
        variant=how.variant or "",
        seed=seed,
        native=how.engine != PYTHON,
        tell=tell,
    )
    return replace(trace, command=explore_command(trace, spec=how.spec, options=search_words(how.reductions))), interrupted


def search_words(reductions: tuple[str, ...] | None) -> list[str]:
    """The options, beside the scope, that decide what a search may find."""
    return ["--reduce", ",".join(reductions) or "none"] if reductions is not None else []


def usable_cores() -> int:
    """Cores that this process may use, at most 16: beyond that, workers wait for each other."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 16)
