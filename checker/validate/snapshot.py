"""Snapshots: every list in order and every live struct, as the heap under the lock shows them.

Three fields are read while their owner may write them without the lock: an in-use or stack span's needzero, an
in-use span's generation, and its object count. Where such a write can be in flight, both values are allowed.
"""

from __future__ import annotations

from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.machine import LARGE_LIST, STATES
from checker.validate.sweeps import Sweeps
from checker.validate.verdict import Mismatch

REASONS = {
    "periodic_alloc": ("alloc_m_end", "alloc_stack_end"),
    "scavenge": ("scav_end",),
    "sweepgen": ("sweepgen",),
    "final": (),
}
"""The last event of the section that a snapshot belongs to; the final one is a section of its own."""

_SWEEPING = ("sweepone", "sweep_begin", "free_span_begin", "sweep_end")


class Snapshots:
    """Predicts snapshot rows, and decides which other values of a racy field a row may show."""

    def __init__(self, ambient: Ambient, sweeps: Sweeps) -> None:
        self.ambient = ambient
        self.sweeps = sweeps
        self.settling: dict[int, Any] = {}
        """By thread: the span whose zeroing it has just reported."""

    def predict(self, i: int, e: Event, last: Event | None) -> list[Event]:
        """The events of a snapshot whose first event is e; ``last`` is the locked event just before."""
        reason = e["reason"]
        if reason not in REASONS:
            raise Mismatch(i, "reason", " or ".join(REASONS), reason)
        ends = REASONS[reason]
        if ends and (last is None or last["ev"] not in ends or last["m"] != e["m"]):
            raise Mismatch(i, "ev", f"{' or '.join(ends)} of m{e['m']} just before it", "snap_begin")
        machine, h = self.ambient.machine, self.ambient.heap
        out: list[Event] = [{"ev": "snap_begin", "reason": reason, "st": machine.counters()}]
        for which, lists, large in (("free", h.free, h.freelarge), ("busy", h.busy, h.busylarge)):
            for idx, spans in enumerate([*lists, large]):
                s, pos = spans.first, 0
                while s is not None:
                    out.append(self._row(which, min(idx, LARGE_LIST), pos, s))
                    s, pos = s.next, pos + 1
        for sid in range(h.nspan):
            s = machine.span(sid)
            if STATES[s.state] != "dead":
                out.append(self._row("all", sid, 0, s))
        out.append({"ev": "snap_end", "reason": reason, "st": machine.counters()})
        return out

    def _row(self, which: str, idx: int, pos: int, s: Any) -> Event:
        machine = self.ambient.machine
        return {
            "ev": "snap_span",
            "which": which,
            "idx": idx,
            "pos": pos,
            "base": machine.page(s.start_addr),
            "npages": s.npages,
            "npreleased": s.npreleased,
            "needzero": s.needzero,
            "unused": machine.relative(s.unusedsince),
            "state": STATES[s.state],
            "span_sweepgen": s.sweepgen,
            "sid": s.number - 1,
            "sizeclass": s.sizeclass,
            "alloccount": s.alloc_count,
        }

    def settle(self, i: int, e: Event, row: Event) -> None:
        """Bring the racy fields of a predicted row up to date, and let them take the seen values where possible."""
        s = self.ambient.machine.span(row["sid"])
        row["needzero"], row["span_sweepgen"], row["alloccount"] = s.needzero, s.sweepgen, s.alloc_count
        seen = e["alloccount"]
        if row["state"] == "stack" and 0 <= seen <= 1 << 16:
            row["alloccount"] = seen
        elif row["state"] == "inuse" and seen != row["alloccount"]:
            low, high = self.sweeps.live_objects(s)
            if row["sizeclass"] == 0:
                if 0 <= seen <= 1 and self._in_flight(i, s):
                    row["alloccount"] = seen
            elif low <= seen <= high or (0 <= seen <= high and self._in_flight(i, s)):  # the central lists count it up
                row["alloccount"] = seen
        if e["span_sweepgen"] != row["span_sweepgen"] and e["span_sweepgen"] in self._generations(i, e, s, row):
            row["span_sweepgen"] = e["span_sweepgen"]
        if e["needzero"] != row["needzero"] and e["needzero"] in (0, 1) and row["state"] != "free":
            if self._in_flight(i, s) or self.ambient.coming(i, ("free_stack_begin",), row["sid"]):
                row["needzero"] = e["needzero"]

    def _in_flight(self, i: int, s: Any) -> bool:
        """Whether a thread other than the one that takes the snapshot may be writing to the span."""
        m, sid = self.ambient.events[i]["m"], s.number - 1
        if any(other != m and span is s for other, span in self.settling.items()):
            return True
        if any(op.m != m and op.span is s for op in self.sweeps.under_way()):
            return True
        return self.ambient.coming(i, ("zeroed", *_SWEEPING), sid)

    def _generations(self, i: int, e: Event, s: Any, row: Event) -> set[int]:
        """Generations that the row may show besides the recorded one."""
        gen = self.ambient.heap.sweepgen
        if row["state"] == "inuse":
            return {gen - 2, gen - 1, gen} if self._in_flight(i, s) else set()
        others = any(op.m != e["m"] and not (op.done and not op.out) for op in self.sweeps.under_way())
        if others or any(x["ev"] in ("sweepone", "sweepdone") for _, _, x in self.ambient.in_flight(e["m"])):
            return {gen, self.sweeps.before_pass.get(row["sid"], gen)}
        return set()
