"""``checker replay``."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from checker.cli.present import present_trace
from checker.cli.show import show
from checker.cli.traces import followed, machine_for, read_trace, spec_for
from checker.report.style import inert
from checker.trace.again import Again, Parting, reproduced
from checker.trace.trace import Trace

_INCOMPLETE = 20


def replay(args: argparse.Namespace) -> int:
    """Follow a trace; returns the exit code of what it violates, 0 if nothing, 20 if it could not be followed to its end."""
    from checker.trace.record import record

    path = Path(args.trace)
    trace = read_trace(path)
    spec, variant = spec_for(trace, args.spec, args.variant)
    machine, gone = machine_for(trace, spec, path)
    done = followed(machine, trace, path)
    more = _facts(trace, done, gone, same=spec.digest == trace.spec)
    head = "".join(f"{line}\n" for line in _head(trace, done, gone, path, more))
    if done.violation is not None:
        now = record(
            machine, done.violation, variant=variant, shortest=_shortest(trace, done), order=trace.order, seed=trace.seed
        )
        cause = trace.cause if more["same_spec"] else now.cause
        present_trace(replace(now, cause=cause), args, more, head)
        return done.violation.exit
    found = {**more, "exit": _INCOMPLETE if done.parting else 0, "counterexample": None}
    show(found, args, head)
    return int(found["exit"])


def _facts(trace: Trace, done: Again, gone: list[str], *, same: bool) -> dict[str, Any]:
    verdict = "reproduced" if reproduced(trace, done) else "violated otherwise" if done.violation else ""
    verdict = verdict or ("parted" if done.parting else "not reproduced")
    return {
        "verdict": verdict,
        "same_spec": same,
        "steps": len(trace.steps),
        "followed": done.followed,
        "extra": done.extra,
        "skipped": done.skipped,
        "parting": None if done.parting is None else asdict(done.parting),
        "refused": None if done.refused is None else asdict(done.refused),
        "missing": gone,
    }


def _head(trace: Trace, done: Again, gone: list[str], path: Path, facts: dict[str, Any]) -> list[str]:
    """What became of the trace, in a few lines."""
    where = "the spec that it was recorded on" if facts["same_spec"] else "a changed spec"
    what = f"{trace.property} {trace.name}: {trace.clause}" if trace.exit else "the run"
    said = {
        "reproduced": f"{what}: happens again",
        "violated otherwise": f"{what}: does not happen; something else is violated",
        "not reproduced": f"{what}: does not happen any more; all steps were taken",
        "parted": f"{what}: not known; the steps cannot be followed to their end",
    }[facts["verdict"]]
    out = [f"{inert(path.name)} on {where}: {inert(said)}"]
    if gone:
        out.append(f"this spec does not have: {', '.join(inert(g) for g in gone)}")
    if done.parting is not None:
        out.append(f"followed {done.followed} of {len(trace.steps)} steps, {done.extra} others taken, {done.skipped} left out")
        out.append(f"first parting: {_parting(done.parting)}")
    if done.refused is not None:
        out.append(f"first refused: step {done.refused.step} ({inert(done.refused.thread)}): {inert(done.refused.guard)}")
    return out


def _parting(p: Parting) -> str:
    return f"step {p.step} ({inert(p.thread)}) begins at {inert(p.expected)}; the thread stands at {inert(p.seen)}"


def _shortest(trace: Trace, done: Again) -> str:
    same = done.parting is None and len(done.schedule) == len(trace.steps)
    return trace.shortest if same else "not known, it follows a trace"
