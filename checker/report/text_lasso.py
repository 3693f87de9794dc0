"""The terminal view of what a trace says beyond its steps: the loop of a lasso, and who waits for what."""

from __future__ import annotations

from checker.report.style import inert
from checker.trace.trace import Trace

Lines = list[str]


def head(trace: Trace) -> str:
    """What the second line says of a lasso's length."""
    start = trace.loop or 0
    loop = len(trace.steps) - start
    if not loop:
        return f"a run of {start} steps to a state that lasts for ever"
    return f"a run of {start} steps to a loop of {loop} steps"


def before_step(trace: Trace, index: int) -> Lines:
    """The marker where a loop begins."""
    return ["    loop: from here"] if trace.loop is not None and index == trace.loop + 1 else []


def after_steps(trace: Trace) -> Lines:
    """Where the loop ends, and how it treats each fair thread."""
    if trace.loop is None:
        return []
    last = len(trace.steps)
    ends = f"    loop: back to state {trace.loop}, for ever" if last > trace.loop else f"    state {last} lasts for ever"
    out = ["", ends]
    for f in trace.fairness:
        enabled = "enabled throughout" if f.enabled_always else "not always enabled"
        out.append(f"    fair to {inert(f.thread)}: {enabled}, " + ("takes steps" if f.taken else "takes no step"))
    return out


def waits(trace: Trace) -> Lines:
    """What each thread of a deadlock waits for, and the circle of locks if there is one."""
    if not trace.stuck:
        return []
    out = ["", "who waits:"]
    for w in trace.stuck:
        out.append(f"  {inert(w.thread):<11} {inert(w.sentence)}")
        if w.source:
            out.append(f"{'':14}{inert(w.source)}" + (f"  {inert(w.go)}" if w.go else ""))
    if trace.lock_cycle:
        out.append("  in a circle: " + " -> ".join(inert(t) for t in (*trace.lock_cycle, trace.lock_cycle[0])))
    return out
