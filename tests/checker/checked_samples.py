"""Checks of scenarios as the reports for CI take them: of every kind, and with hostile names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from trace_samples import HOSTILE, checked_sample, hostile, litmus, minimised, spoiled_result, throw

from checker.report.checked import Checked
from checker.trace.command import explore_command

FINDING = {
    "id": "F2",
    "title": "a reused struct is found",
    "property": "P16",
    "clause": "initialised",
    "seen": 1234,
    "reason": "the reader looks again",
}


@cache
def safety() -> Checked:
    """A failed clause, on one thread."""
    result, trace = checked_sample("B08")
    return Checked(result, (replace(trace, command=explore_command(trace)),), "quick")


@cache
def two_threads() -> Checked:
    """A failed clause, minimised, on two threads."""
    result, trace = checked_sample("B01")
    return Checked(result, (minimised(trace),), "quick (B01)")


@cache
def kinds() -> tuple[Checked, ...]:
    """One of each exit code: safety, deadlock, liveness with a loop and with a last state, throw."""
    more = {name: litmus("liveness", name) for name in ("circle", "neglect", "ending")} | {"throw": throw()}
    return (safety(), two_threads(), *(Checked(r, (t,), name) for name, (r, t) in more.items()))


def fine(**more: Any) -> Checked:
    """A check that found nothing; ``more`` are other values of its result."""
    result = checked_sample("B08")[0]
    rows = [{**row, "verdict": "ok" if row["verdict"] == "violated" else row["verdict"]} for row in result["properties"]]
    good = {"verdict": "ok", "exit": 0, "violations": [], "properties": rows, "exhaustive": True, "counterexample": None}
    return Checked({**result, **good, **more}, (), "quick")


def stopped() -> Checked:
    """A check that a bound stopped before it found anything."""
    return fine(verdict="incomplete", exit=20, stopped="memory", exhaustive=False)


def with_finding() -> Checked:
    """A check that met a known finding and nothing else."""
    plain = fine()
    rows = [{**r, "verdict": "known finding"} if r["id"] == "P16" else r for r in plain.result["properties"]]
    return fine(properties=rows, known_findings=[FINDING])


@cache
def hostile_checks() -> tuple[Checked, ...]:
    """Checks in which every name, value and sentence is hostile, and a bound stopped them; the first has its trace."""
    trace = hostile()
    bad = spoiled_result({**checked_sample("B08")[0], "known_findings": [FINDING], "stopped": "memory"})
    names = {"name": trace.name, "property": trace.property, "id": trace.property, "clause": trace.clause}
    for row in (*bad["violations"], *(r for r in bad["properties"] if r["verdict"] == "violated")):
        row.update({k: v for k, v in names.items() if k in row})
    first = Checked(bad, (trace,), HOSTILE[4] + "quick")
    return (first, *(Checked(bad, (), name + "quick") for name in HOSTILE))
