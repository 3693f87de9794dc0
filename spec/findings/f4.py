"""The sweep is declared done while a span is still being swept."""

from __future__ import annotations

from spec.language import Finding, u32

from ..heap import Heap
from ..structs import Span


def explains(h: Heap, span: Span) -> bool:
    """A thread has claimed the span and has not finished with it."""
    return span.sweepgen == u32(h.sweepgen - 1)


def explains_looked_at(h: Heap, span: Span) -> bool:
    """A thread has taken the span off the list of those to sweep and has still to claim it."""
    return span.sweepgen == u32(h.sweepgen - 2) and span.looked_at


def explains_new_cycle(h: Heap, span: Span) -> bool:
    """The collector, with the world stopped, has advanced the generation and has still to clear sweepdone."""
    return h.world.stopped and span.sweepgen == u32(h.sweepgen - 2) and not span.due


REASON = (
    "sweepone counts a span as passed when it takes it off the list, not when it is swept, so the next call finds the list "
    "empty and sets sweepdone. Who reads sweepdone (alloc_m, bgsweep) only saves itself work by it; the next cycle waits for "
    "all sweeps because it stops the world, and no sweep can be stopped."
)

FINDING = Finding(
    id="F4",
    title="sweepdone is set while another thread still sweeps a span",
    property="P19",
    clause="all swept",
    explains=explains,
    scenario="sweep",
    depth=27,
    reason=REASON,
)

LOOKED_AT = Finding(
    id="F4b",
    title="sweepdone is set while another thread has still to claim the last span",
    property="P19",
    clause="all swept",
    explains=explains_looked_at,
    scenario="sweep",
    depth=34,
    reason=REASON,
)

NEW_CYCLE = Finding(
    id="F4c",
    title="the generation advances before sweepdone is cleared",
    property="P19",
    clause="all swept",
    explains=explains_new_cycle,
    scenario="forced",
    depth=54,
    atomicity="fine",
    reason="gcSweep stores one field after the other. The world is stopped, and who is not stopped (sysmon) reads neither.",
)
