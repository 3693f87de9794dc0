"""A trace as the JSON object ``counterexample`` of a result (cli.md)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from checker.search.real_order import REAL
from checker.trace.trace import Stuck, Trace, TraceStep


def document(trace: Trace) -> dict[str, Any]:
    """The object; its keys are a contract. Values of cells are texts, as in reports."""
    s = trace.scope
    return {
        "property": trace.property,
        "name": trace.name,
        "clause": trace.clause,
        "witness": dict(trace.witness),
        "exit": trace.exit,
        "definition": trace.definition or None,
        "place": trace.place,
        "shortest": trace.shortest == "yes",
        "order": trace.order,
        "replayed_in_real_order": trace.order == REAL,
        "cause": None if trace.cause is None else {**asdict(trace.cause), "needs": [asdict(n) for n in trace.cause.needs]},
        "minimised": None if trace.minimised is None else asdict(trace.minimised),
        "scope": {
            "scenario": s.scenario,
            "parameters": dict(s.parameters),
            "settings": list(s.settings),
            "threads": list(s.threads),
            "without": list(s.without),
            "atomicity": s.atomicity,
            "variant": s.variant or None,
        },
        "steps": [step_object(x) for x in trace.steps],
        "loop": trace.loop,
        "fairness": [asdict(f) for f in trace.fairness],
        "waiting": [_stuck(w) for w in trace.stuck],
        "lock_cycle": list(trace.lock_cycle),
        "seed": trace.seed,
        "spec": trace.spec,
        "command": trace.command or None,
        "itf": None,
    }


def step_object(s: TraceStep) -> dict[str, Any]:
    """One step."""
    return {
        "index": s.index,
        "thread": s.thread,
        "action": s.action,
        "args": dict(s.args),
        "result": s.result,
        "choice": dict(s.choice),
        "source": s.source,
        "go": s.go,
        "begins_at": s.begins_at,
        "ends_at": s.ends_at,
        "thrown": s.thrown or None,
        "changed": {c.cell: [str(c.before), str(c.after)] for c in s.changed},
        "ghosts": sorted(c.cell for c in s.changed if c.ghost),
    }


def _stuck(w: Stuck) -> dict[str, str | None]:
    """What a thread waits at; null where that says nothing of it."""
    return {k: v or None for k, v in asdict(w).items() if k != "sentence"}
