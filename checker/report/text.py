"""The terminal view of a search result."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from checker.report.text_lasso import after_steps, before_step, head, waits

Lines = list[str]
_GLUE = "\0"
"""Stands for a space at which a line must not be broken."""
_VERDICTS = {11: "deadlock", 12: "safety violation", 13: "liveness violation", 14: "throw of the heap"}


def render(r: dict[str, Any], *, verbose: bool = False, show_ghosts: bool = False) -> str:
    """The text of a result object of `checker.report.result`."""
    lines = _verdict(r)
    if r["counterexample"]:
        lines += _counterexample(r, show_ghosts)
    lines += ["", *_figures(r), *_landmarks(r, verbose), *_coverage(r, verbose), *_properties(r, verbose), *_findings(r)]
    return "\n".join(lines) + "\n"


def _verdict(r: dict[str, Any]) -> Lines:
    name = r["scenario"]
    if r["counterexample"]:
        c = r["counterexample"]
        witness = "" if c["waiting"] else ", ".join(f"{k}={v}" for k, v in c["witness"].items())
        steps = len(c["steps"])
        shortest = f"yes, no violation in fewer than {steps} steps" if c["shortest"] else "not known in the real order"
        length = f"shortest: {shortest}" if c["loop"] is None else head(c)
        return [
            f"{name}: {_VERDICTS[c['exit']]}: {c['property']} {c['name']}: {c['clause']}"
            + (f" ({witness})" if witness else ""),
            f"exit {r['exit']}; {length}",
            *_order(c),
        ]
    if r["violations"]:
        said = [f"{v['property']} {v['name']}: {v['clause']}" for v in r["violations"]]
        return [f"{name}: violation: {'; '.join(said)}", f"exit {r['exit']}; all {r['states']:,} states were looked at"]
    if r["verdict"] == "incomplete":
        return [f"{name}: incomplete: stopped by {r['stopped']}; nothing was found to depth {r['depth']}"]
    if r["exhaustive"]:
        return [f"{name}: no violation; no new state after depth {r['depth']}: exhaustive"]
    return [f"{name}: no violation to depth {r['depth']}; not exhaustive"]


def _order(c: dict[str, Any]) -> Lines:
    """What is known of a counterexample in the real order, where the spec has one."""
    if c["replayed_in_real_order"]:
        return ["found in an arbitrary order and again in the real order, which is shown"]
    said = {
        "dependent": "order-dependent: the real order was not found to show it",
        "undecided": "order-dependent, perhaps: the search for a real order that shows it was given up",
    }
    if c["loop"] is not None and c["order"] == "undecided":
        return ["order-dependent, perhaps: a lasso is not looked for again in the real order"]
    return [said[c["order"]]] if c["order"] in said else []


def _counterexample(r: dict[str, Any], show_ghosts: bool) -> Lines:
    c = r["counterexample"]
    out, last = [""], None
    for s in c["steps"]:
        args = ", ".join(f"{k}={v}" for k, v in s["args"].items())
        outcome = f" = {s['result']}" if s["result"] is not None else ""
        ends = {"acquire": " ... waits for the lock", "released": " ... has given the lock back", "throw": ""}
        tail = ends.get(s["ends_at"], "") if s["result"] is None else ""
        switch = "*" if last not in (None, s["thread"]) else " "
        last = s["thread"]
        out += before_step(c, s["index"])
        chosen = "  chose " + ", ".join(f"{k}={v}" for k, v in s["choice"].items()) if s["choice"] else ""
        out.append(f"{s['index']:3}{switch} {s['thread']:<11} {s['action']}({args}){outcome}{tail}")
        out.append(f"{'':17}{s['source']}" + (f"  {s['go']}" if s["go"] else "") + chosen)
        if s["thrown"]:
            out.append(f"{'':17}throw: {s['thrown']}  ({c['place']})")
        changed = {k: v for k, v in s["changed"].items() if show_ghosts or k not in s["ghosts"]}
        text = "  ".join(f"{k}: {a} -> {b}".replace(" ", _GLUE) for k, (a, b) in changed.items())
        wrapped = textwrap.wrap(text, 100, initial_indent=" " * 17, subsequent_indent=" " * 17, break_on_hyphens=False)
        out += [line.replace(_GLUE, " ") for line in wrapped]
    out += after_steps(c)
    if any(s["index"] > 1 for s in c["steps"]):
        out.append("    * another thread goes on; changes of ghost fields are hidden")
    if c["last_state"]:
        out += ["", f"state {len(c['steps'])}:", *("  " + line for line in c["last_state"])]
    out += waits(c)
    others = [v for v in r["violations"] if (v["property"], v["clause"]) != (c["property"], c["clause"])]
    if others:
        out += ["", "also violated: " + "; ".join(f"{v['property']} {v['clause']} ({v['steps']} steps)" for v in others)]
    return [*out, "", f"again: {r['command']}"] if r.get("command") else out


def _figures(r: dict[str, Any]) -> Lines:
    s = r["seconds"]
    peak = r["peak_memory_bytes"] / 1e6
    out = [
        f"{r['states']:,} distinct states, {r['transitions']:,} transitions, depth {r['depth']}, {r['atomicity']} atomicity",
        f"{s['search']:.2f} s search ({r['states_per_second']:,} states/s), {s['compile']:.2f} s compile, peak {peak:.0f} MB",
        f"levels: {' '.join(map(str, r['levels'][:40]))}" + (" ..." if len(r["levels"]) > 40 else ""),
    ]
    if r["liveness"]:
        graph = r["liveness"]
        out.append(f"liveness: {graph['states']:,} states and {graph['transitions']:,} steps, threads kept apart")
    how = f"engine: {r['engine']}, {r['jobs']} job" + ("s" if r["jobs"] != 1 else "")
    if r["storage"] == "exact":
        out.append(f"{how}; states are stored whole, none can be omitted")
    else:
        out.append(
            f"{how}; fingerprints of {r['storage']} bits: a state was omitted with probability {r['omission_probability']:.1e}"
        )
    if r["reductions"]:
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
