"""Reclaim before growth as the spec does it, and what its looks at the busy lists may have seen.

`reclaim_list` looks at generations while other threads sweep without the heap lock. What a look saw is between its
thread's last event and its next, so a span whose claim or sweep by another thread overlaps with that time may have shown either
value: unswept, being swept or swept. Nothing else is left to the log.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from checker.load import Spec
from checker.load.instrument import Function, replace
from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.machine import LARGE_LIST
from checker.validate.operations import Operation, Operations, restore
from checker.validate.sweeps import Sweeps

_RECENT = 64


class Reclaims:
    """The wrappers around reclaim, and its looks. ``ambient`` and ``operations`` are set before each log."""

    ambient: Ambient
    operations: Operations

    def __init__(self, spec: Spec, sweeps: Sweeps) -> None:
        self.sweeps = sweeps
        self.swept: list[tuple[int, Any]] = []
        replace(spec, "reclaim.reclaim", self._reclaim)
        replace(spec, "reclaim.reclaim_list", self._reclaim_list)

    def start(self, ambient: Ambient, operations: Operations) -> None:
        """A new log."""
        self.ambient, self.operations = ambient, operations
        self.swept.clear()

    def _reclaim(self, original: Function) -> Function:
        def reclaim(h: Any, npage: int) -> None:
            op = self.operations.running
            self._emit({"ev": "reclaim_begin", "req": npage})
            self.look(op)
            reached: list[tuple[FrameType, Any]] = []
            op.lists = reached
            original(h, npage)
            restore(op)
            frame, spans = reached[-1]
            stage = "smaller"
            if op.swept_all:
                stage = "sweepall"
            elif spans is h.busylarge:
                stage = "busylarge"
            elif any(spans is h.busy[i] for i in range(npage, LARGE_LIST)):
                stage = "busy"
            self._emit({"ev": "reclaim_end", "req": npage, "stage": stage, "reclaimed": frame.f_locals.get("reclaimed", 0)})
            op.lists, op.swept_all = [], False

        return reclaim

    def _reclaim_list(self, original: Function) -> Function:
        def reclaim_list(h: Any, spans: Any, npages: int) -> Any:
            self.operations.running.lists.append((sys._getframe(1), spans))
            return original(h, spans, npages)

        return reclaim_list

    def _emit(self, event: Event) -> None:
        event["st"] = self.ambient.machine.counters()
        self.operations.emit(event)

    def test_sweepdone(self, op: Operation) -> None:
        """alloc_m is about to test whether sweeping is done: what it saw shows in whether it reclaims."""
        self.operations.pause()
        h, reclaims = self.ambient.heap, self.ambient.events[op.index]["ev"] == "reclaim_begin"
        if not h.sweepdone and not reclaims:
            self.sweeps.finish_first(op)
        elif h.sweepdone and reclaims and not op.request["sweepdone_in"]:
            _show(op, h, "sweepdone", 0)

    def look(self, op: Operation) -> None:
        """Let the log come as far as this operation, then show it the spans as it saw them.

        An unswept span that another thread reports as claimed next was claimed already, or this thread would report it.
        One whose sweep began, or ended after this thread's last event, was being swept if a span behind it is taken, and
        as good as swept otherwise.
        """
        op.looking, op.since = True, op.index
        self.operations.pause()
        op.looking = False
        h, events = self.ambient.heap, self.ambient.events
        event = events[op.index]
        taken = self.ambient.machine.span(event.get("sid", -1)) if event["ev"] == "reclaim_unlock" else None
        for _, _, e in self.ambient.in_flight(op.m):
            s = self.ambient.machine.span(e.get("sid", -1))
            if e["ev"] in ("sweepone", "sweep_begin") and s is not None and s is not taken and self.sweeps.needs_sweep(s):
                _show(op, s, "sweepgen", h.sweepgen - 1)
        either = [s for i, s in self.swept if i > op.since]
        for other in self.sweeps.ops.values():
            s = other.span
            if other is not op and s is not None and not other.out and s.sweepgen == h.sweepgen - 1:
                either.append(s)
        for s in either:
            if s.list is not None and s is not taken and h.sweepgen - 1 <= s.sweepgen <= h.sweepgen:
                _show(op, s, "sweepgen", h.sweepgen - (1 if taken is not None and _behind(s, taken) else 0))

    def sweep_ended(self, i: int, s: Any) -> None:
        """The log shows that a sweep ended; if its span went back to the heap it is in no busy list."""
        if s.list is not None:
            self.swept.append((i, s))
            del self.swept[:-_RECENT]


def _show(op: Operation, record: Any, name: str, shown: int) -> None:
    true = getattr(record, name)
    if true != shown:
        op.hidden.append((record, name, shown, true))
        setattr(record, name, shown)


def _behind(s: Any, taken: Any) -> bool:
    """Whether the span is in the same list, further on."""
    while s is not None and s is not taken:
        s = s.next
    return s is not None
