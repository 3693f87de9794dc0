"""The terminal view of what a counterexample says beyond its steps: the loop of a lasso, and who waits for what."""

from __future__ import annotations

from typing import Any

Lines = list[str]


def head(c: dict[str, Any]) -> str:
    """What the second line says of a lasso's length."""
    loop = len(c["steps"]) - c["loop"]
    if not loop:
        return f"a run of {c['loop']} steps to a state that lasts for ever"
    return f"a run of {c['loop']} steps to a loop of {loop} steps"


def before_step(c: dict[str, Any], index: int) -> Lines:
    """The marker where a loop begins."""
    return ["    loop: from here"] if c["loop"] is not None and index == c["loop"] + 1 else []


def after_steps(c: dict[str, Any]) -> Lines:
    """Where the loop ends, and how it treats each fair thread."""
    if c["loop"] is None:
        return []
    last = len(c["steps"])
    ends = f"    loop: back to state {c['loop']}, for ever" if last > c["loop"] else f"    state {last} lasts for ever"
    out = ["", ends]
    for f in c["fairness"]:
        enabled = "enabled throughout" if f["enabled_always"] else "not always enabled"
        out.append(f"    fair to {f['thread']}: {enabled}, " + ("takes steps" if f["taken"] else "takes no step"))
    return out


def waits(c: dict[str, Any]) -> Lines:
    """What each thread of a deadlock waits for, and the circle of locks if there is one."""
    if not c["waiting"]:
        return []
    out = ["", "who waits:"]
    for w in c["waiting"]:
        out.append(f"  {w['thread']:<11} {c['witness'][w['thread']]}")
        if w["source"]:
            out.append(f"{'':14}{w['source']}" + (f"  {w['go']}" if w["go"] else ""))
    if c["lock_cycle"]:
        out.append("  in a circle: " + " -> ".join([*c["lock_cycle"], c["lock_cycle"][0]]))
    return out
