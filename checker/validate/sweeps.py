"""Sweeping as the spec does it: sweepone, the sweep of one span, and who takes which index of the copied array.

What a sweep finds is an input: whether a large object is marked, and how many small objects died. The spec's `sweep` is that
of large objects; the central lists, which keep the others, are not in the spec, so the sweep of a span of theirs is
here, except that its claim, and its section if it goes back to the heap, are the spec's.
"""

from __future__ import annotations

from typing import Any

from checker.load import Spec
from checker.load.instrument import Function, replace
from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.operations import Operation, Operations
from checker.validate.verdict import Mismatch
from spec.language import cas

CLAIMS = ("sweepone", "sweep_begin", "reclaim_unlock")


class Sweeps:
    """The wrappers around the functions of the sweep.

    Attributes
    ----------
    ambient, operations
        Of the log under way; set before each.
    before_pass : dict of int to int
        The generations of structs not in use that sweepone has overwritten in this cycle.
    parallel : int
        Threads that can be inside sweepone at once: GOMAXPROCS.
    """

    ambient: Ambient
    operations: Operations

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.before_pass: dict[int, int] = {}
        self.parallel = 1
        self.class_to_size: tuple[int, ...] = spec.modules["size_classes"].CLASS_TO_SIZE
        self.free_span: Function = spec.modules["free"].free_span
        replace(spec, "environment.sweep.next_span", self._next_span)
        replace(spec, "environment.sweep.sweepone", self._sweepone)
        replace(spec, "environment.sweep.sweep", self._sweep)
        self.ops: dict[int, Operation] = {}
        self.cycle: Operation | None = None

    def start(self, ambient: Ambient, operations: Operations, parallel: int) -> None:
        """A new log."""
        self.ambient, self.operations, self.parallel = ambient, operations, max(parallel, 1)
        self.ops, self.cycle = {}, None
        self.before_pass.clear()

    def under_way(self) -> list[Operation]:
        """The operations of all threads and of the collector."""
        return [*self.ops.values(), *([self.cycle] if self.cycle is not None else [])]

    # The next span.

    def _next_span(self, original: Function) -> Function:
        def next_span(h: Any) -> Any:
            self.operations.turn()
            op = self.operations.running
            self._others_first(op)
            s = original(h)
            if s is None:
                op.ran_past = h.work.spanidx - 1 if not h.sweepdone else None
            elif not self.ambient.machine.in_use(s) and s.sweepgen != h.sweepgen:
                self.before_pass[s.number - 1] = s.sweepgen
            return s

        return next_span

    def _others_first(self, op: Operation) -> None:
        """Let other threads take the indices that, as the log shows, are theirs, though they report it later.

        Of a span that needs no sweeping any more it does not matter who takes it. One that does is taken by this
        thread, or by the one whose next event reports the claim.
        """
        h, event = self.ambient.heap, self.ambient.events[op.index]
        while h.work.spanidx < h.work.nspan:
            idx = h.work.spanidx
            if not self.needs_sweep(h.mspans[idx]) or (event["ev"], event.get("idx")) == ("sweepone", idx):
                return
            for m, j, e in self.ambient.in_flight(op.m):
                if e["ev"] in CLAIMS and e.get("sid") == idx and self.ahead(m, j):
                    break
            else:
                return
        if event["ev"] == "sweepdone":
            while h.work.spanidx < min(event["idx"], h.work.nspan + self.parallel - 1):
                h.work.spanidx += 1  # another thread has run past the end too, before this one
        elif not h.sweepdone:
            self.finish_first(op)

    def finish_first(self, op: Operation) -> None:
        """Let another thread run past the end first, if its next event reports that."""
        for m, j, e in self.ambient.in_flight(op.m):
            if e["ev"] == "sweepdone" and self.ahead(m, j):
                return

    def ahead(self, m: int, j: int) -> bool:
        """Run thread m up to its next event, that at j, because it may have done what that reports; whether it could."""
        op, e = self.ops.get(m), self.ambient.events[j]
        if op is not None and (op.out or op.active or op.at_lock):
            return False
        if e["ev"] == "reclaim_unlock" and (op is None or not op.looking):
            return False
        if op is not None and not op.done:
            self.operations.resume(op, j)
        if op is None or (op.done and not op.out):
            op = self.begin(m, j)
            self.operations.resume(op, j)
        return bool(op.out)

    def begin(self, m: int, i: int) -> Operation:
        """The operation that a thread begins with a sweep event, ready to run."""
        e = self.ambient.events[i]
        if e["ev"] == "sweep_begin":
            op = self.operations.begin(m, i, self._claim, e["sid"], e["preserve"])
        else:
            op = self.operations.begin(m, i, self.spec.modules["environment.sweep"].sweepone)
        self.ops[m] = op
        return op

    def _claim(self, h: Any, sid: int, preserve: bool) -> None:
        """Sweep a span by its own right: for the central list, which keeps it, or because it must not be unswept."""
        s, sweep = self.ambient.machine.span(sid), self.spec.modules["environment.sweep"]
        if s is None or not self.needs_sweep(s) or (preserve and s.sizeclass == 0):
            raise Mismatch(self.operations.running.index, "sid", "a span that is still to be swept", sid)
        if not preserve:
            sweep.ensure_swept(h, s)
        elif cas(s, "sweepgen", h.sweepgen - 2, h.sweepgen - 1):
            sweep.sweep(h, s, True)

    def needs_sweep(self, s: Any) -> bool:
        """Whether the span is in use and nobody has claimed it in this cycle."""
        return bool(self.ambient.machine.in_use(s) and s.sweepgen == self.ambient.heap.sweepgen - 2)

    def _sweepone(self, original: Function) -> Function:
        def sweepone(h: Any) -> Any:
            op = self.operations.running
            op.indexed = True
            n = original(h)
            op.indexed = False
            if op.ran_past is not None and h.sweepdone:
                event = {"ev": "sweepdone", "idx": op.ran_past, "nspans": h.work.nspan}
                self.operations.emit(event)
            op.ran_past = None
            return n

        return sweepone

    # One span.

    def _sweep(self, original: Function) -> Function:
        def sweep(h: Any, s: Any, preserve: bool) -> bool:
            operations, ambient = self.operations, self.ambient
            op = operations.running
            place = {"base": ambient.machine.page(s.start_addr), "npages": s.npages}
            kind = {"sizeclass": s.sizeclass, "preserve": preserve}
            op.span = s
            operations.turn()
            i = op.index
            if op.indexed:
                op.indexed = False
                operations.emit({"ev": "sweepone", "idx": s.number - 1, **place, "sid": s.number - 1})
                i = ambient.following[i] if ambient.following[i] < len(ambient.events) else i
            count = _within(ambient.events[i].get("alloccount"), *self.live_objects(s))
            operations.report({"ev": "sweep_begin", **place, **kind, "sid": s.number - 1, "alloccount": count})
            found = ambient.events[op.index]
            op.freed = False
            if s.sizeclass == 0:
                s.marked = found["ev"] != "free_span_begin"
                freed = bool(original(h, s, preserve))
                nfreed = count if freed else count - s.alloc_count
            else:
                freed = found["ev"] == "free_span_begin" and not preserve and count > 0
                nfreed = self._small(h, s, preserve, count, found, freed)
            op.freed, op.swept, op.span = freed, s, None
            operations.emit({"ev": "sweep_end", **place, **kind, "nfreed": nfreed, "freed": freed})
            return freed

        return sweep

    def _small(self, h: Any, s: Any, preserve: bool, count: int, found: Event, freed: bool) -> object:
        """Sweep a span of the central lists as the log found it; returns how many of its objects died."""
        nfreed = count if freed else _within(found.get("nfreed"), 0, count if preserve or count == 0 else count - 1)
        s.sweepgen = h.sweepgen
        s.alloc_count = count - nfreed if isinstance(nfreed, int) else 0
        if nfreed:
            s.needzero = 1
        if freed:
            self.free_span(h, s, False)
        return nfreed

    def live_objects(self, s: Any) -> tuple[int, int]:
        """The least and the greatest number of objects that an in-use span can hold: only a sweep takes any away."""
        if s.sizeclass == 0:
            return s.alloc_count, s.alloc_count
        return s.alloc_count, (s.npages << self.ambient.machine.shift) // self.class_to_size[s.sizeclass]


def _within(seen: Any, low: int, high: int) -> Any:
    """The log's number, or words for what it should have been."""
    if isinstance(seen, int) and low <= seen <= high:
        return seen
    return low if low == high else f"{low} to {high}"
