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
from checker.report.waiting import Waiting, lock_cycle, waiting
from checker.search.breadth_first import peak_memory
from checker.search.outcome import NEVER, Outcome, Violation
from checker.search.real_order import REAL, Ordered
from checker.search.replay import Step, replay


def result(
    machine: Machine, outcome: Outcome, seconds: dict[str, float], *, strict: bool, ordered: Ordered | None = None
) -> dict[str, Any]:
    """The result object; its keys are a contract.

    The value of a parameter that has words is its word, so that it can be given back with ``--set``; others are integers.
    """
    names = Names(machine.schema)
    total, search = seconds["total"], max(outcome.seconds, 1e-9)
    shown = next((v for v in outcome.violations if v.clause != NEVER), None)
    if shown is not None and ordered is None:
        ordered = Ordered("", machine, shown)
    return {
        "verdict": outcome.verdict,
        "exit": outcome.exit,
        "scenario": machine.scenario.name,
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
        "counterexample": None if shown is None or ordered is None else counterexample(shown, ordered),
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
        rows.append(_row(machine, p.id, p.name, verdict, reached, failed, names))
    for id, name in (("P6", "legal state (a throw of the heap)"), ("P26", "no deadlock")):
        failed = [v for v in outcome.violations if v.property == id]
        rows.append(_row(machine, id, name, "violated" if failed else "ok", outcome.transitions > 0, failed, names))
    return sorted(rows, key=lambda r: (str(r["id"])[:1], int(str(r["id"])[1:]) if str(r["id"])[1:].isdigit() else 0))


def _row(
    machine: Machine, id: str, name: str, verdict: str, met: bool, failed: list[Violation], names: Names
) -> dict[str, Any]:
    witness = _witness(machine, failed[0], names) if failed else {}
    return {"id": id, "name": name, "verdict": verdict, "antecedent_reached": met, "witness": witness}


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


def counterexample(found: Violation, ordered: Ordered) -> dict[str, Any]:
    """A violation with its steps, executed again on the plain heap.

    ``order`` is empty unless the spec has a real order; ``shortest`` is false where the real order took a longer schedule
    than the one that was found, and for lassos: their loop is fair, and short, but there may be a shorter one.
    """
    machine, v = ordered.machine, ordered.violation
    names = Names(machine.schema)
    run = replay(machine, v.schedule)
    threads = waiting(machine, v.schedule) if v.exit == 11 else ()
    return {
        **_violation(machine, v, names),
        "place": v.place,
        "shortest": v.loop is None and len(v.schedule) <= len(found.schedule),
        "order": ordered.order,
        "replayed_in_real_order": ordered.order == REAL and v is not found,
        "steps": [step_object(machine, s, names) for s in run.steps],
        "last_state": list(run.picture),
        "schedule": [{"thread": machine.threads[i], "choice": list(c)} for i, c in v.schedule],
        "loop": v.loop,
        "fairness": [asdict(f) for f in v.fairness],
        "waiting": [_waiting(w) for w in threads],
        "lock_cycle": [w.thread for w in lock_cycle(threads)],
        "itf": None,
    }


def _waiting(w: Waiting) -> dict[str, str | None]:
    """What a thread waits at; null where that says nothing of it."""
    return {k: v or None for k, v in asdict(w).items()}


def step_object(machine: Machine, s: Step, names: Names) -> dict[str, Any]:
    """One step of a counterexample."""
    action, args, done = action_of(machine, s)
    function, line = s.position
    return {
        "index": s.index,
        "thread": s.thread,
        "action": action,
        "args": args,
        "result": done,
        "choice": dict(s.choice),
        "source": f"{machine.program.file(function)}:{line}",
        "go": _go(machine, s, action),
        "ends_at": s.ends_at,
        "thrown": s.thrown or None,
        "changed": {
            names.cell(*c.cell): [names.value(c.cell[0], c.cell[1], c.before), names.value(c.cell[0], c.cell[1], c.after)]
            for c in s.changes
        },
        "ghosts": sorted({names.cell(*c.cell) for c in s.changes if names.ghost(c.cell[0], c.cell[1])}),
    }


def action_of(machine: Machine, s: Step) -> tuple[str, dict[str, str], str | None]:
    """The call that a step is about: the outermost one of mheap.go, else the outermost that began, else the innermost."""
    calls = [c for c in s.calls if c.depth > 0]
    if not calls:
        return s.position[0].rpartition(".")[2], {}, None
    known = [c for c in calls if _mheap(machine, c.name)] or [c for c in calls if c.began]
    call = min(known, key=lambda c: c.depth) if known else max(calls, key=lambda c: c.depth)
    typed = machine.program.functions.get(call.name)
    params = typed.params if typed is not None else []
    args = {
        p: _plain_name(machine, a) for p, a in zip(params, call.args, strict=False) if not a.startswith(machine.schema.root)
    }
    return call.name.rpartition(".")[2], args, None if call.result is None else _plain_name(machine, call.result)


def _plain_name(machine: Machine, text: str) -> str:
    """The path of a record that the plain heap shows as ``Type number``."""
    record, _, number = text.partition(" ")
    if record in machine.schema.records and number.isdigit():
        return Names(machine.schema).record(record, int(number))
    return text


def _mheap(machine: Machine, name: str) -> bool:
    typed = machine.program.functions.get(name)
    return typed is not None and typed.go.startswith("mheap.go:")


def _go(machine: Machine, s: Step, action: str) -> str:
    """The Go function that the step's action states, else the first one among its calls."""
    known = machine.program.functions
    go = {c.name.rpartition(".")[2]: known[c.name].go for c in s.calls if c.name in known and known[c.name].go}
    return go.get(action, next(iter(go.values()), ""))
