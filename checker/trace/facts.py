"""Which facts of a trace stand where in an ITF file, and what must be true of them together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from checker.trace.shape import Misshapen, short
from checker.trace.trace import Trace, TraceStep
from checker.trace.typed import names_of

MAX_DEPTH = 1000
"""Depth of a call; Python itself goes no deeper."""

_WORDS: dict[str, tuple[object, ...]] = {
    "exit": (0, 11, 12, 13, 14),
    "order": ("", "real", "dependent", "undecided"),
}


@cache
def head_names() -> tuple[str, ...]:
    """The fields of a trace that stand in the head of the file; states, steps and loop have places of their own."""
    return tuple(n for n in names_of(Trace) if n not in ("initial", "steps", "loop", "pictures"))


@cache
def step_names() -> tuple[str, ...]:
    """The fields of a step that are written by their types."""
    return tuple(n for n in names_of(TraceStep) if n != "changed")


def describe(trace: Trace) -> str:
    """What a trace shows, in one sentence."""
    scope, steps = trace.scope, len(trace.steps)
    shows = f"{trace.property} {trace.name}: {trace.clause}" if trace.property else "a run that violates nothing"
    bug = f" with {scope.variant}" if scope.variant else ""
    return f"{shows}; {steps} step{'' if steps == 1 else 's'} in scenario {scope.scenario}{bug}"


def check(trace: Trace) -> None:
    """See to it that the facts fit together, so that no report looks for a step, cell or thread that is not there.

    Raises
    ------
    Misshapen
        Its place is that within the head.
    """
    for name, allowed in _WORDS.items():
        _among(name, getattr(trace, name), allowed)
    _among("scope.atomicity", trace.scope.atomicity, ("lock", "fine"))
    if trace.exit == 13 and trace.loop is None:
        raise _wrong("exit", "13 stands for a run without end, but the file has no loop")
    for place, name, kind, known in _mentioned(trace):
        if name not in known:
            raise _wrong(place, f"{short(name)} is no {kind} of this trace")
    for place, step, least in _numbers(trace):
        if not least <= step <= len(trace.steps):
            raise _wrong(place, f"{short(step)} is no step; a number from {least} to {len(trace.steps)} was expected")


def check_step(step: TraceStep, threads: frozenset[str]) -> None:
    """See to it that a step is one of these threads, and its calls are no deeper than calls can be.

    Raises
    ------
    Misshapen
    """
    if step.thread not in threads:
        raise _wrong("thread", f"{short(step.thread)} is no thread of this trace")
    for i, call in enumerate(step.calls):
        if not 0 <= call.depth <= MAX_DEPTH:
            raise _wrong(f"calls[{i}].depth", f"{short(call.depth)} was found; a number from 0 to {MAX_DEPTH} was expected")


def _mentioned(trace: Trace) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Each place at which a thread, cell or parameter is named, the name, and those that there are."""
    threads, cells = frozenset(trace.scope.threads), frozenset(c for c, _ in trace.initial)
    parameters = frozenset(k for k, _ in trace.scope.parameters)
    yield from (("ghosts", cell, "cell", cells) for cell in sorted(trace.ghosts))
    yield from ((f"scope.settings[{i}]", name, "parameter", parameters) for i, name in enumerate(trace.scope.settings))
    yield from ((f"fairness[{i}].thread", f.thread, "thread", threads) for i, f in enumerate(trace.fairness))
    yield from ((f"stuck[{i}].thread", s.thread, "thread", threads) for i, s in enumerate(trace.stuck))
    yield from ((f"lock_cycle[{i}]", name, "thread", threads) for i, name in enumerate(trace.lock_cycle))
    if trace.cause is not None:
        yield from ((f"cause.reads[{i}].cell", r.cell, "cell", cells) for i, r in enumerate(trace.cause.reads))


def _numbers(trace: Trace) -> Iterator[tuple[str, int, int]]:
    """Each place at which a step is named by its number, the number, and the least that it may be."""
    if trace.cause is not None:
        yield "cause.step", trace.cause.step, 0
        yield "cause.seen", trace.cause.seen, trace.cause.step
        yield from ((f"cause.reads[{i}].step", r.step, 0) for i, r in enumerate(trace.cause.reads))
        yield from ((f"cause.needs[{i}].step", n.step, 1) for i, n in enumerate(trace.cause.needs))


def _among(place: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise _wrong(place, f"{short(value)} was found where {', '.join(map(short, allowed))} may stand")


def _wrong(place: str, reason: str) -> Misshapen:
    return Misshapen(reason).within(place)
