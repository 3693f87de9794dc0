"""The JSON result of a search (cli.md)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from checker.frontend import tree as t
from checker.frontend.walk import statements
from checker.lowering.lock_order import cycles
from checker.lowering.machine import Machine
from checker.report import coverage
from checker.report.naming import Names
from checker.report.reach import Reach
from checker.report.waiting import waiting
from checker.search.breadth_first import peak_memory
from checker.search.outcome import Outcome, Violation
from checker.trace.document import document
from checker.trace.record import definition, meaning_of
from checker.trace.trace import Trace


def result(
    machine: Machine, outcome: Outcome, seconds: dict[str, float], *, strict: bool, trace: Trace | None = None
) -> dict[str, Any]:
    """The result object; its keys are a contract. ``trace`` is that of the counterexample.

    The value of a parameter that has words is its word, so that it can be given back with ``--set``; others are integers.
    """
    names = Names(machine.schema)
    total, search = seconds["total"], max(outcome.seconds, 1e-9)
    return {
        "verdict": outcome.verdict,
        "exit": outcome.exit,
        "scenario": machine.scenario.name,
        "without": list(machine.without),
        "parameters": machine.spec.parameters.in_words(machine.parameters),
        "atomicity": machine.atomicity,
        "engine": outcome.engine,
        "jobs": outcome.jobs,
        "storage": outcome.storage,
        "exhaustive": outcome.exhaustive,
        "depth": outcome.depth,
        "states": outcome.states,
        "transitions": outcome.transitions,
        "levels": outcome.levels,
        "omission_probability": outcome.omission_probability,
        "stopped": outcome.stopped,
        "seconds": {"total": round(total, 3), "compile": round(seconds["compile"], 3), "search": round(outcome.seconds, 3)},
        "states_per_second": round(outcome.states / search),
        "peak_memory_bytes": peak_memory(),
        "search_memory_bytes": outcome.memory,
        "reductions": list(machine.canonical.reductions),
        "lock_cycles": [list(c) for c in cycles(machine.lock_order())],
        "strict": strict,
        "known_findings": _findings(machine),
        "landmarks": dict(coverage.landmarks(machine)),
        "coverage": [{"go": f.go, "function": f.function, "entered": f.entered} for f in coverage.functions(machine)],
        "unreached": _unreached(machine),
        "properties": _properties(machine, outcome, names),
        "liveness": {"states": outcome.graph_states, "transitions": outcome.graph_steps} if outcome.graph_states else None,
        "violations": [_violation(machine, v, names) for v in outcome.violations],
        "counterexample": None if trace is None else document(trace),
    }


def _unreached(machine: Machine) -> list[dict[str, Any]]:
    """The branches and scheduling points that this search alone has not reached; the spec declares those of all scenarios."""
    reach = Reach()
    reach.add(machine)
    return [{**asdict(e), "threads": list(e.threads)} for e in reach.unreached()]


def _findings(machine: Machine) -> list[dict[str, Any]]:
    out = []
    for f, count in zip(machine.findings, machine.explained, strict=True):
        if count:
            out.append(
                {"id": f.id, "title": f.title, "property": f.property, "clause": f.clause, "seen": count, "reason": f.reason}
            )
    return out


def _properties(machine: Machine, outcome: Outcome, names: Names) -> list[dict[str, Any]]:
    rows = []
    known = {f.property for f, count in zip(machine.findings, machine.explained, strict=True) if count}
    for p, met in zip(machine.properties, machine.antecedents, strict=True):
        typed = machine.program.function(p.function)
        has_antecedent = any(isinstance(s, t.Given) for s in statements(typed.body))
        failed = [v for v in outcome.violations if (v.property, v.name) == (p.id, p.name)]
        verdict = "violated" if failed else "known finding" if p.id in known else "ok"
        reached = met > 0 if has_antecedent else outcome.transitions > 0
        if p.kind in ("reachable", "liveness"):
            verdict = outcome.decided.get((p.id, p.name), "not checked")
            reached = verdict in ("ok", "incomplete", "violated") and (p.id, p.name) not in outcome.vacuous
            reached = reached and (p.kind == "liveness" or verdict == "ok")
        row = _row(machine, p.id, p.name, verdict, reached, failed, names)
        rows.append(
            {**row, "meaning": meaning_of(p), "definition": definition(machine.spec, p, failed[0].clause if failed else "")}
        )
    for id, name in (("P6", "legal state (a throw of the heap)"), ("P26", "no deadlock")):
        failed = [v for v in outcome.violations if v.property == id]
        rows.append(_row(machine, id, name, "violated" if failed else "ok", outcome.transitions > 0, failed, names))
    return sorted(rows, key=lambda r: (str(r["id"])[:1], int(str(r["id"])[1:]) if str(r["id"])[1:].isdigit() else 0))


def _row(
    machine: Machine, id: str, name: str, verdict: str, met: bool, failed: list[Violation], names: Names
) -> dict[str, Any]:
    witness = _witness(machine, failed[0], names) if failed else {}
    row = {"id": id, "name": name, "verdict": verdict, "antecedent_reached": met, "witness": witness}
    return {**row, "meaning": "", "definition": ""}


def _witness(machine: Machine, v: Violation, names: Names) -> dict[str, str]:
    """The values of a failed clause; of a deadlock, what each thread waits for."""
    if v.exit == 11:
        return {w.thread: str(w) for w in waiting(machine, v.schedule)}
    return {name: names.witness(kind, value) for name, kind, value in v.witness}


def _violation(machine: Machine, v: Violation, names: Names) -> dict[str, Any]:
    return {
        "property": v.property,
        "name": v.name,
        "clause": v.clause,
        "witness": _witness(machine, v, names),
        "exit": v.exit,
        "steps": len(v.schedule),
    }
