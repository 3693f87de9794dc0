"""Sweeping, driven by the log: which spans are swept and what survives is an input, the bookkeeping is checked.

A span is claimed once a cycle: its generation goes from two behind to one behind, and its sweep ends at the heap's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.log import Event
from checker.validate.verdict import Mismatch


@dataclass(slots=True)
class Sweep:
    """A sweep under way: its span as it was at the beginning."""

    span: Any
    base: int
    npages: int
    sizeclass: int
    preserve: bool
    alloccount: int
    freed: bool = False


class Sweeper:
    """Follows the sweeps of all threads."""

    def __init__(self, ambient: Ambient, collector: Collector, class_to_size: tuple[int, ...]) -> None:
        self.ambient = ambient
        self.machine = ambient.machine
        self.collector = collector
        self.class_to_size = class_to_size
        self.sweeps: dict[int, Sweep] = {}
        self.claims: dict[int, tuple[Any, bool]] = {}
        self.pages: dict[int, int] = {}
        self.last_index: dict[int, int] = {}
        self.passed = 0
        self.before_pass: dict[int, int] = {}

    def new_cycle(self) -> None:
        """The generation advanced: all spans of the copied array are to be looked at again."""
        self.passed = 0
        self.last_index.clear()
        self.before_pass.clear()

    def sweepone(self, i: int, e: Event) -> None:
        """A thread claimed a span by its place in the array."""
        self._in_stopped_world(i, e)
        idx, m = e["idx"], e["m"]
        s = self.machine.span(idx)
        if not 0 <= idx < self.collector.copied or s is None or idx <= self.last_index.get(m, -1) or self._claimed(s):
            raise Mismatch(i, "idx", "a span of the array that is still to be swept", idx)
        self.ambient.match(i, e, {"ev": "sweepone", "idx": idx, "base": self.base(s), "npages": s.npages, "sid": idx})
        self.last_index[m] = idx
        self._pass(idx)
        self.claim(m, s)

    def claim(self, m: int, s: Any) -> None:
        """The thread won the span for a sweep that does not preserve it."""
        s.sweepgen = self.ambient.heap.sweepgen - 1
        self.claims[m] = (s, False)

    def sweep_begin(self, i: int, e: Event) -> None:
        """A sweep begins: of the span that the thread has claimed, or one that it claims here unseen."""
        self._in_stopped_world(i, e)
        m = e["m"]
        if m in self.claims:
            s, preserve = self.claims.pop(m)
        else:
            s, preserve = self.machine.span(e["sid"]), e["preserve"]
            if s is None or self._claimed(s) or (preserve and s.sizeclass == 0):
                raise Mismatch(i, "sid", "a span that is still to be swept", e["sid"])
            s.sweepgen = self.ambient.heap.sweepgen - 1
        low, high = self.live_objects(s)
        expected = {
            "ev": "sweep_begin",
            "base": self.base(s),
            "npages": s.npages,
            "sizeclass": s.sizeclass,
            "preserve": preserve,
            "sid": s.number - 1,
            "alloccount": e["alloccount"],
        }
        self.ambient.match(i, e, expected)
        if not low <= e["alloccount"] <= high:
            raise Mismatch(i, "alloccount", low if low == high else f"{low} to {high}", e["alloccount"])
        self.sweeps[m] = Sweep(s, self.base(s), s.npages, s.sizeclass, preserve, e["alloccount"])

    def live_objects(self, s: Any) -> tuple[int, int]:
        """The least and the greatest number of objects that an in-use span can hold: only a sweep takes any away."""
        if s.sizeclass == 0:
            return s.alloc_count, s.alloc_count
        return s.alloc_count, (s.npages << self.machine.shift) // self.class_to_size[s.sizeclass]

    def sweep_end(self, i: int, e: Event) -> None:
        """The sweep ends; if its span went back to the heap, that happened in a section of its own before."""
        sweep = self.sweeps.pop(e["m"], None)
        if sweep is None:
            raise Mismatch(i, "ev", "sweep_begin before it", "sweep_end")
        nfreed = e["nfreed"]
        expected = {
            "ev": "sweep_end",
            "base": sweep.base,
            "npages": sweep.npages,
            "sizeclass": sweep.sizeclass,
            "preserve": sweep.preserve,
            "nfreed": nfreed,
            "freed": sweep.freed,
        }
        self.ambient.match(i, e, expected)
        count = sweep.alloccount
        if sweep.freed:
            low = high = count
            self.pages[e["m"]] = self.pages.get(e["m"], 0) + sweep.npages
        else:
            low, high = 0, count if sweep.preserve or count == 0 else count - 1
        if not low <= nfreed <= high:
            raise Mismatch(i, "nfreed", low if low == high else f"{low} to {high}", nfreed)
        if not sweep.freed:
            s = sweep.span
            s.sweepgen = self.ambient.heap.sweepgen
            s.alloc_count = count - nfreed
            if nfreed:
                s.needzero = 1

    def free(self, i: int, e: Event) -> Any:
        """The sweeper gives its span back; returns it, ready to be freed."""
        sweep = self.sweeps.get(e["m"])
        if sweep is None or sweep.freed or sweep.preserve:
            raise Mismatch(i, "ev", "a sweep that may free its span", e["ev"])
        s = sweep.span
        if sweep.alloccount == 0:
            raise Mismatch(i, "ev", "sweep_end: the span had no object to free", e["ev"])
        sweep.freed = True
        s.needzero = 1
        s.alloc_count = 0
        s.sweepgen = self.ambient.heap.sweepgen
        return s

    def sweepdone(self, i: int, e: Event) -> None:
        """A thread ran past the end of the array first; as many may run past as can be inside sweepone."""
        self._in_stopped_world(i, e)
        nspans = self.collector.copied
        if self.ambient.sweepdone:
            raise Mismatch(i, "ev", "no sweepdone: sweeping was done already", "sweepdone")
        self.ambient.sweepdone = 1
        self.ambient.match(i, e, {"ev": "sweepdone", "idx": e["idx"], "nspans": nspans})
        most = nspans + max(self.parallel, 1) - 1
        if not nspans <= e["idx"] <= most:
            raise Mismatch(i, "idx", nspans if most == nspans else f"{nspans} to {most}", e["idx"])
        self._pass(nspans)

    parallel = 1
    """Threads that can be inside sweepone at once: GOMAXPROCS."""

    def base(self, s: Any) -> int:
        """The first page of a span."""
        return self.machine.page(s.start_addr)

    def _claimed(self, s: Any) -> bool:
        return bool(s.state != 0 or s.sweepgen != self.ambient.heap.sweepgen - 2)

    def _in_stopped_world(self, i: int, e: Event) -> None:
        stopped = self.collector.stopped_by
        if stopped is not None and e["m"] != stopped:
            raise Mismatch(i, "m", stopped, e["m"])

    def _pass(self, idx: int) -> None:
        """Structs before idx were looked at; sweepone writes the generation of those that hold no objects."""
        gen = self.ambient.heap.sweepgen
        for sid in range(self.passed, idx):
            s = self.machine.span(sid)
            if s.state != 0 and s.sweepgen != gen:
                self.before_pass[sid] = s.sweepgen
                s.sweepgen = gen
        self.passed = max(self.passed, idx)
