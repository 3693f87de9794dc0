"""The terminal view of a search result."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from checker.report.style import Style, inert_line
from checker.report.trace_text import trace_text
from checker.trace.trace import Trace

Lines = list[str]


def render(r: dict[str, Any], trace: Trace | None = None, *, style: Style | None = None, verbose: bool = False) -> str:
    """The text of a result object of `checker.report.result`, and of the trace of its counterexample."""
    lines = [] if trace is None else trace_text(trace, style or Style())
    rest = _verdict(r) if trace is None else _others(r, trace)
    rest += ["", *_figures(r), *_landmarks(r, verbose), *_coverage(r, verbose), *_properties(r, verbose), *_findings(r)]
    return "\n".join([*lines, *map(inert_line, rest)]) + "\n"


def _verdict(r: dict[str, Any]) -> Lines:
    """What was found, where there is no run to show."""
    name = r["scenario"]
    if r["violations"]:
        said = [f"{v['property']} {v['name']}: {v['clause']}" for v in r["violations"]]
        return [f"{name}: violation: {'; '.join(said)}", f"exit {r['exit']}; all {r['states']:,} states were looked at"]
    if r["verdict"] == "incomplete":
        return [f"{name}: incomplete: stopped by {r['stopped']}; nothing was found to depth {r['depth']}"]
    if r["exhaustive"]:
        return [f"{name}: no violation; no new state after depth {r['depth']}: exhaustive"]
    return [f"{name}: no violation to depth {r['depth']}; not exhaustive"]


def _others(r: dict[str, Any], trace: Trace) -> Lines:
    others = [v for v in r["violations"] if (v["property"], v["clause"]) != (trace.property, trace.clause)]
    if not others:
        return []
    return ["", "also violated: " + "; ".join(f"{v['property']} {v['clause']} ({v['steps']} steps)" for v in others)]


def _size(r: dict[str, Any]) -> str:
    """How much was looked at; walks do not tell states apart."""
    if "walks" in r:
        return f"{r['transitions']:,} steps in {r['walks']:,} random walks with seed {r['seed']}"
    return f"{r['states']:,} distinct states, {r['transitions']:,} transitions"


def _figures(r: dict[str, Any]) -> Lines:
    s = r["seconds"]
    peak = r["peak_memory_bytes"] / 1e6
    out = [
        f"{_size(r)}, depth {r['depth']}, {r['atomicity']} atomicity",
        f"{s['search']:.2f} s search ({r['states_per_second']:,} states/s), {s['compile']:.2f} s compile, peak {peak:.0f} MB",
    ]
    if r["levels"]:
        out.append(f"levels: {' '.join(map(str, r['levels'][:40]))}" + (" ..." if len(r["levels"]) > 40 else ""))
    if r["liveness"]:
        graph = r["liveness"]
        out.append(f"liveness: {graph['states']:,} states and {graph['transitions']:,} steps, threads kept apart")
    how = f"engine: {r['engine']}, {r['jobs']} job" + ("s" if r["jobs"] != 1 else "")
    if "walks" in r:
        out.append(f"engine: {r['engine']}; the walks are the same by any engine")
    elif r["storage"] == "exact":
        out.append(f"{how}; states are stored whole, none can be omitted")
    else:
        out.append(
            f"{how}; fingerprints of {r['storage']} bits: a state was omitted with probability {r['omission_probability']:.1e}"
        )
    if r["reductions"] and "walks" not in r:
        out.append(f"reductions: {', '.join(r['reductions'])}")
    scope = " ".join(f"{k}={v}" for k, v in r["parameters"].items())
    return out + textwrap.wrap(f"scope: {scope}", 110, subsequent_indent="       ")


def _landmarks(r: dict[str, Any], verbose: bool) -> Lines:
    """The landmarks that were met; with ``verbose`` the others too."""
    events = ", ".join(f"{k} {v:,}" for k, v in r["landmarks"].items() if v or verbose)
    return textwrap.wrap(f"events: {events}", 110, subsequent_indent="        ") if events else []


def _coverage(r: dict[str, Any], verbose: bool) -> Lines:
    rows = r["coverage"]
    if not rows:
        return []
    missed = [f["go"].removeprefix("mheap.go:") for f in rows if not f["entered"]]
    head = f"coverage: {len(rows) - len(missed)} of {len(rows)} functions of mheap.go entered"
    out = textwrap.wrap(head + (f"; not entered: {', '.join(missed)}" if missed else ""), 110, subsequent_indent="          ")
    if verbose:
        out += [f"  {f['entered']:>12,}  {f['go']:<36} {f['function']}" for f in rows]
    return out


def _properties(r: dict[str, Any], verbose: bool) -> Lines:
    rows = r["properties"]
    vacuous = [p for p in rows if not p["antecedent_reached"] and p["verdict"] in ("ok", "known finding")]
    shown = ("ok", "violated", "known finding", "not met", "not met yet", "incomplete")
    by_verdict = {v: _ids(p for p in rows if p["verdict"] == v) for v in shown}
    out = textwrap.wrap(
        "properties: " + "; ".join(f"{v}: {ids}" for v, ids in by_verdict.items() if ids), 110, subsequent_indent="            "
    )
    if vacuous:
        names = ", ".join(f"{p['id']} {p['name']}" for p in vacuous)
        out += textwrap.wrap(f"antecedent never met: {names}", 110, subsequent_indent="            ")
    if verbose:
        out += [f"  {p['id']:<4} {p['name']:<40} {p['verdict']}" for p in rows]
    return out


def _ids(rows: Iterable[dict[str, Any]]) -> str:
    return " ".join(dict.fromkeys(str(p["id"]) for p in rows))


def _findings(r: dict[str, Any]) -> Lines:
    cycles = [" -> ".join([*c, c[0]]) for c in r["lock_cycles"]]
    out: Lines = [f"lock order: {c}, each taken while the one before is held; a schedule may deadlock" for c in cycles]
    for f in r["known_findings"]:
        out += textwrap.wrap(
            f"known finding {f['id']} ({f['property']} {f['clause']}), seen {f['seen']:,} times: {f['title']}",
            110,
            subsequent_indent="            ",
        )
    return out
