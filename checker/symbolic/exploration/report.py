"""The result of a symbolic exploration as JSON, and the text that is a view of it."""

from __future__ import annotations

import resource
from typing import Any

from checker.symbolic.exploration.concrete import Concrete
from checker.symbolic.exploration.explore import Found
from checker.symbolic.exploration.search import Exploration

LATER = "a step or liveness property, or what must be possible: it is not about the states between operations"

_EXITS = {"clause": 12, "throw": 14, "error": 75}


def result(x: Exploration, found: Found, depth: int, seconds: float) -> dict[str, Any]:
    """The result object."""
    exits = [_EXITS[v.kind] for v in found.violations]
    open_ = bool(found.spurious) or bool(found.stopped)
    verdict = "violation" if exits else "incomplete" if open_ else "ok"
    return {
        "verdict": "error" if exits and min(exits) == 75 else verdict,
        "exit": min(exits) if exits else 20 if open_ else 0,
        "scenario": x.sequences.name,
        "symbolic": True,
        "parameters": {k: v for k, v in x.spec.parameters.values().items() if k not in x.varies},
        "covered": covered(x),
        "exhaustive": False,
        "depth": found.depth,
        "asked_depth": depth,
        "paths": found.paths,
        "questions": found.questions,
        "stopped": found.stopped or ("paths that the plain heap does not confirm" if found.spurious else ""),
        "seconds": {"total": round(seconds, 3), "search": round(found.seconds, 3)},
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "known_findings": [
            {
                "id": f.id,
                "title": f.title,
                "property": f.property,
                "clause": f.clause,
                "seen": found.explained[f.id],
                "reason": f.reason,
            }
            for f in x.findings
            if f.id in found.explained
        ],
        "properties": _properties(x, found),
        "violations": [_violation(v) for v in found.violations],
        "spurious": [_violation(v) for v in found.spurious],
        "counterexample": _violation(found.violations[0]) if found.violations else None,
    }


def covered(x: Exploration) -> dict[str, Any]:
    """What all of it holds for."""
    ranges = {}
    for name, v in x.space.variables.items():
        number, _, local = name.partition(":")
        if v.compute is None and local and number.isdigit():
            ranges[local.rpartition(".")[0]] = [v.lo, v.hi]
    return {
        "operations": [f.name.rpartition(".")[2] for f in x.operations],
        "choices": ranges,
        **{k: list(v) for k, v in x.varies.items()},
    }


def _properties(x: Exploration, found: Found) -> list[dict[str, Any]]:
    rows = []
    explained = {f.property for f in x.findings if f.id in found.explained}
    for p in x.asked:
        failed = [v for v in found.violations if (v.property, v.name) == (p.id, p.name)]
        why = found.unsupported.get((p.id, p.name), "")
        number = x.properties.index(p) if p in x.properties else -1
        if number < 0:
            why = LATER
        verdict = "violated" if failed else "not checked" if why else "known finding" if p.id in explained else "ok"
        rows.append(
            {
                "id": p.id,
                "name": p.name,
                "verdict": verdict,
                "why": why,
                "antecedent_reached": number in found.antecedents,
                "witness": dict(failed[0].witness) if failed else {},
            }
        )
    thrown = [v for v in found.violations if v.property == "P6"]
    rows.append(
        {
            "id": "P6",
            "name": "legal state (a throw of the heap)",
            "verdict": "violated" if thrown else "ok",
            "why": "",
            "antecedent_reached": True,
            "witness": {},
        }
    )
    return rows


def _violation(v: Concrete) -> dict[str, Any]:
    return {
        "property": v.property,
        "name": v.name,
        "clause": v.clause,
        "exit": _EXITS[v.kind],
        "witness": dict(v.witness),
        "source": v.place,
        "parameters": dict(v.parameter),
        "confirmed": v.confirmed,
        "plain_heap": v.seen,
        "steps": [
            {"index": i, "action": s.operation, "args": dict(s.chosen), "drawn": list(s.drawn)}
            for i, s in enumerate(v.steps, 1)
        ],
    }


def as_text(r: dict[str, Any], *, verbose: bool = False) -> str:
    """The result as text."""
    lines: list[str] = []
    if r["counterexample"] is not None:
        lines += _shown(r["counterexample"], r["exit"])
        others = [v for v in r["violations"][1:]]
        if others:
            lines += [
                "",
                "also violated: " + "; ".join(f"{v['property']} {v['clause']} ({len(v['steps'])} operations)" for v in others),
            ]
    elif r["verdict"] == "incomplete":
        lines.append(f"{r['scenario']}: incomplete: {r['stopped']}; nothing was found in sequences of {r['depth']} operations")
    else:
        lines.append(
            f"{r['scenario']}: no violation in any sequence of up to {r['depth']} operations; longer ones were not looked at"
        )
    for v in r["spurious"]:
        lines += [
            "",
            "not confirmed by the plain heap, which is a defect of the tool; please report it:",
            *_shown(v, v["exit"]),
        ]
        lines.append(f"the plain heap: {v['plain_heap']}")
    return "\n".join([*lines, "", *_figures(r), *_table(r, verbose)]) + "\n"


def _shown(v: dict[str, Any], exit: int) -> list[str]:
    witness = ", ".join(f"{k}={x}" for k, x in v["witness"].items())
    out = [
        f"{v['property']} {v['name']}: {v['clause']}" + (f" ({witness})" if witness else ""),
        f"exit {exit}; {v['source']}; no shorter sequence violates anything, and each number is the least with those before it",
        "",
    ]
    out += [f"with {k}={x}" for k, x in v["parameters"].items()]
    for s in v["steps"]:
        out.append(f"{s['index']:3}  {s['action']}(" + ", ".join(f"{k}={x}" for k, x in s["args"].items()) + ")")
        out += [f"       {line}" for line in s["drawn"]]
    return out


def _figures(r: dict[str, Any]) -> list[str]:
    c = r["covered"]
    out = [
        f"{sum(r['paths'][1:]):,} paths ({' + '.join(map(str, r['paths'][1:]))}), "
        f"{r['questions']:,} questions to z3, {r['seconds']['total']:.1f} s",
        "operations: " + ", ".join(c["operations"]),
        "for all values at once: " + ", ".join(f"{k} {lo}..{hi}" for k, (lo, hi) in c["choices"].items()),
    ]
    out += [f"{k}: {', '.join(map(str, v))}" for k, v in c.items() if k not in ("operations", "choices")]
    out.append("invariants are checked between operations, properties of an operation's end at its end")
    return out


def _table(r: dict[str, Any], verbose: bool) -> list[str]:
    rows = r["properties"]
    out = ["", f"{sum(p['verdict'] in ('ok', 'known finding') for p in rows)} properties hold"]
    unmet = [p for p in rows if p["verdict"] == "ok" and not p["antecedent_reached"]]
    if unmet:
        out.append("their condition was never met: " + ", ".join(f"{p['id']} {p['name']}" for p in unmet))
    out += [
        f"not checked: {p['id']} {p['name']}: {p['why']}"
        for p in rows
        if p["verdict"] == "not checked" and (verbose or p["why"] != LATER)
    ]
    later = [p for p in rows if p["verdict"] == "not checked" and p["why"] == LATER]
    if later and not verbose:
        out.append(f"not checked: {', '.join(p['id'] + ' ' + p['name'] for p in later)}: {LATER}")
    out += [f"known finding {f['id']}: {f['title']} ({f['seen']} paths)" for f in r["known_findings"]]
    return out
