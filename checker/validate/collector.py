"""The collector's cycle: the order that the world lock imposes on its events.

Every cycle holds the world semaphore from before the world is first stopped until the stack spans are freed, so
nothing else stops the world in between and the cycle's events follow one another in one order.
"""

from __future__ import annotations

from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.verdict import Mismatch

Step = tuple[str, str]

_MARK: list[Step] = [("gcphase", "mark"), ("copyspans", ""), ("stw_start", ""), ("stw_stop", "")]
_TERMINATE: list[Step] = [("gcphase", "markterm"), ("copyspans", ""), ("gcphase", "off"), ("copyspans", ""), ("sweepgen", "")]
_FINISH: list[Step] = [("stw_start", ""), ("free_stack_spans_begin", ""), ("free_stack_spans_end", "")]
_CYCLES: dict[str, list[Step]] = {
    "background": [*_MARK, *_TERMINATE, ("sweep_pace", ""), *_FINISH],
    "force": [*_TERMINATE, ("sweep_pace", ""), *_FINISH],
    "forceblock": [*_TERMINATE, *_FINISH],
}


class Collector:
    """Follows the cycle. ``stopped_by`` is the thread that holds the world stopped, or None."""

    def __init__(self, ambient: Ambient) -> None:
        self.ambient = ambient
        self.script: list[Step] = []
        self.mode = ""
        self.stopped_by: int | None = None
        self.finishing: int | None = None
        self.copied = 0
        self.freeing_stacks: int | None = None

    def check(self, i: int, e: Event) -> None:
        """The event, one of the cycle's, must be what comes next in it, by the thread that stopped the world."""
        ev, m = e["ev"], e["m"]
        if self.script:
            if self.script[0][0] != ev:
                raise Mismatch(i, "ev", self.script[0][0], ev)
        elif ev not in ("stw_stop", "stw_start", "gcstart"):
            raise Mismatch(i, "ev", "gcstart before it", ev)
        if ev == "stw_stop":
            if self.stopped_by is not None:
                raise Mismatch(i, "ev", f"stw_start of m{self.stopped_by}", ev)
        elif ev.startswith("free_stack_spans"):
            if m != self.finishing:
                raise Mismatch(i, "m", self.finishing, m)
        elif m != self.stopped_by:
            raise Mismatch(i, "m", "stw_stop before it" if self.stopped_by is None else self.stopped_by, m)

    def advance(self, i: int, e: Event) -> Event:
        """Take the event's step; returns its prediction, after which it is to be matched."""
        self.check(i, e)
        ev = e["ev"]
        detail = self.script.pop(0)[1] if self.script else ""
        expected: Event = {"ev": ev}
        if ev == "gcphase":
            expected |= {"old": self.ambient.gcphase, "new": detail}
            self.ambient.gcphase = detail
        elif ev == "gcstart":
            self.mode = e["mode"]
            if self.mode not in _CYCLES:
                raise Mismatch(i, "mode", "background, force or forceblock", self.mode)
            self.script = list(_CYCLES[self.mode])
            expected["mode"] = self.mode
        elif ev == "stw_stop":
            self.stopped_by = e["m"]
        elif ev == "stw_start":
            if self.mode == "forceblock" and len(self.script) == 2 and not self.ambient.sweepdone:
                raise Mismatch(i, "ev", "sweepdone", ev)
            self.finishing, self.stopped_by = self.stopped_by, None
        elif ev == "free_stack_spans_begin":
            self.freeing_stacks = e["m"]
        elif ev == "free_stack_spans_end":
            self.freeing_stacks = None
        return expected

    def locked(self, i: int, e: Event) -> Event:
        """The prediction of copyspans, sweepgen and sweep_pace, single-event sections of the cycle."""
        expected = self.advance(i, e)
        machine, heap = self.ambient.machine, self.ambient.heap
        if e["ev"] == "copyspans":
            expected["nspans"] = self.copied = heap.nspan
        elif e["ev"] == "sweepgen":
            old = heap.sweepgen
            for sid in range(heap.nspan):
                s = machine.span(sid)
                if s.state == 0 and s.sweepgen != old:
                    raise Mismatch(i, "ev", f"the sweep of span sid {sid}, which is not swept", e["ev"])
            heap.sweepgen = old + 2
            self.ambient.sweepdone = 0
            expected |= {"old": old, "new": heap.sweepgen, "nspans": self.copied, "mode": self.mode}
        else:
            expected |= {"heap_distance": e["heap_distance"], "pages_in_use": heap.pages_in_use}
        expected["st"] = machine.counters()
        return expected
