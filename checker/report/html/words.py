"""Small things that several parts of the page say alike."""

from __future__ import annotations

from collections.abc import Sequence

from checker.report.html.markup import Markup, el
from checker.report.style import inert
from checker.trace.trace import Pairs, Trace, TraceStep

LANES = 6
"""Tints of threads that the style sheet has."""

WORD = 24
"""Characters of a name that is not broken in a table."""

_ENDS = {"acquire": " … waits for the lock", "released": " … has given the lock back"}


def threads_of(trace: Trace) -> list[str]:
    """The threads of the scope, and whatever others a stored trace has steps of."""
    return list(dict.fromkeys((*trace.scope.threads, *(s.thread for s in trace.steps))))


def arguments(pairs: Pairs) -> str:
    """Arguments as in a call."""
    return ", ".join(f"{inert(k)}={inert(v)}" for k, v in pairs)


def returned(s: TraceStep) -> str:
    """What a step's call returned in it, if anything."""
    return f" = {inert(s.result)}" if s.result is not None else ""


def tail(s: TraceStep) -> str:
    """Where a step leaves its call, if that has not returned."""
    return _ENDS.get(s.ends_at, "") if s.result is None else ""


def badge(thread: str, number: int) -> Markup:
    """The name of a thread in its tint."""
    return el("span", inert(thread), class_=f"badge t{number % LANES}")


def link(step: int) -> Markup:
    """A step's number, leading to it."""
    return el("a", f"step {step}", href=f"#step={step}")


def within(s: TraceStep) -> bool:
    """Whether a thread is in the middle of something after a step, and not at rest in its own function."""
    return s.ends_at in _ENDS or any(c.depth > 0 and not c.ended for c in s.calls)


def long(text: object) -> str | None:
    """The class of a text that may be broken anywhere, so that it does not widen what it stands in."""
    return "long" if len(str(text)) > WORD else None


def pairs(of: Sequence[tuple[str, object]], kind: str = "") -> Markup:
    """Names and values in a line, as one list."""
    rows = [el("div", el("dt", inert(k), class_=long(k)), el("dd", inert(v))) for k, v in of]
    return el("dl", rows, class_=f"pairs {kind}".strip())


def section(id: str, title: str, *parts: Markup | None) -> Markup:
    """A part of the page under its heading."""
    return el("section", el("h2", title, id=f"{id}-title"), parts, id=id, aria_labelledby=f"{id}-title")
