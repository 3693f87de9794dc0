"""The collector's cycle, which is the spec's `gc_start`, and the pauses of the world around it.

Every cycle holds the world semaphore from before the world is first stopped until the stack spans are freed, so nothing
else stops the world in between. While the world runs, the cycle belongs to no thread of the log: a goroutine may go
on elsewhere.
"""

from __future__ import annotations

from typing import Any

from checker.load import Spec
from checker.load.instrument import Function, replace
from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.machine import PHASES
from checker.validate.operations import Operation, Operations
from checker.validate.verdict import Mismatch

MODES = ("background", "force", "forceblock")


class Collector:
    """The wrappers around the collector's functions, and the cycle under way.

    Attributes
    ----------
    ambient, operations
        Of the log under way; set before each.
    stopped_by : int or None
        The thread that holds the world stopped.
    freeing_stacks : int or None
        The thread that frees the stack spans kept during the cycle.
    mode : str
        Of the cycle; empty for a pause that is none.
    generation : int
        The sweep generation as recorded.
    """

    ambient: Ambient
    operations: Operations

    def __init__(self, spec: Spec) -> None:
        self.modules = spec.modules
        self.cycle: Operation | None = None
        self.stopped_by: int | None = None
        self.finishing: int | None = None
        self.freeing_stacks: int | None = None
        self.mode = ""
        self.generation = self.phase = 0
        self._begun = False
        replace(spec, "environment.world.stop_the_world", self._stop_the_world)
        replace(spec, "environment.world.start_the_world", self._start_the_world)
        replace(spec, "environment.collector.gc_copy_spans", self._gc_copy_spans)
        replace(spec, "environment.collector.finish_sweep", self._finish_sweep)
        replace(spec, "environment.sweeper.ready", self._ready)
        replace(spec, "environment.stacks.free_stack_spans", self._free_stack_spans)

    def start(self, ambient: Ambient, operations: Operations) -> None:
        """A new log."""
        self.ambient, self.operations = ambient, operations
        self.cycle = self.stopped_by = self.finishing = self.freeing_stacks = None
        self.mode = ""
        self.generation, self.phase = ambient.heap.sweepgen, ambient.heap.gcphase

    # What the walk over the log calls.

    def begin(self, i: int, e: Event) -> Operation:
        """The world has been stopped: by the cycle under way, by a new one, or for something that is none."""
        if self.stopped_by is not None:
            raise Mismatch(i, "ev", f"stw_start of m{self.stopped_by}", e["ev"])
        if self.cycle is None or self.cycle.done:
            self._begun = True
            after = self.ambient.following[i]
            following = self.ambient.events[after] if after < len(self.ambient.events) else {"ev": ""}
            self.mode = ""
            if following["ev"] == "gcstart":
                self.mode = following["mode"]
                if self.mode not in MODES:
                    raise Mismatch(after, "mode", ", ".join(MODES), self.mode)
            run = {"background": self._concurrent, "force": self._half_concurrent, "forceblock": self._blocking}
            self.cycle = self.operations.begin(e["m"], i, run.get(self.mode, self._pause))
        self.cycle.m = e["m"]
        return self.cycle

    def matched(self, e: Event) -> None:
        """An event of the cycle was matched: who may do what has changed."""
        ev, m = e["ev"], e["m"]
        if ev == "stw_stop":
            self.stopped_by = m
        elif ev == "stw_start":
            self.finishing, self.stopped_by = m, None
        elif ev == "free_stack_spans_begin":
            self.freeing_stacks = m
        elif ev == "free_stack_spans_end":
            self.freeing_stacks = self.finishing = None

    def _concurrent(self, h: Any) -> None:
        self.modules["environment.collector"].gc_start(h, False)

    def _blocking(self, h: Any) -> None:
        self.modules["environment.collector"].gc_start(h, True)

    def _half_concurrent(self, h: Any) -> None:
        """The mode that the spec leaves out: all in a stopped world but the sweep."""
        collector = self.modules["environment.collector"]
        collector.stop_the_world(h)
        collector.finish_sweep(h)
        collector.gc_mark_termination(h, False)
        collector.start_the_world(h)
        collector.free_stack_spans(h)

    def _pause(self, h: Any) -> None:
        """What else stops the world: reading statistics, changing GOMAXPROCS."""
        world = self.modules["environment.world"]
        world.stop_the_world(h)
        world.start_the_world(h)

    # What the spec calls.

    def _stop_the_world(self, original: Function) -> Function:
        def stop_the_world(h: Any) -> None:
            original(h)
            self.operations.report({"ev": "stw_stop"})
            if self._begun and self.mode:
                self.operations.report({"ev": "gcstart", "mode": self.mode})
            self._begun = False

        return stop_the_world

    def _start_the_world(self, original: Function) -> Function:
        def start_the_world(h: Any) -> None:
            self.operations.turn()
            original(h)
            self.operations.emit({"ev": "stw_start"})

        return start_the_world

    def _finish_sweep(self, original: Function) -> Function:
        def finish_sweep(h: Any) -> None:
            original(h)
            self.operations.turn()

        return finish_sweep

    def _gc_copy_spans(self, original: Function) -> Function:
        def gc_copy_spans(h: Any) -> None:
            if h.gcphase != self.phase:
                old, self.phase = self.phase, h.gcphase
                self.operations.report({"ev": "gcphase", "old": PHASES[old], "new": PHASES[h.gcphase]})
            original(h)
            self.operations.pause()

        return gc_copy_spans

    def _ready(self, original: Function) -> Function:
        def ready(h: Any) -> None:
            """The spec has no pacing: how far off the next cycle is, is an input."""
            operations = self.operations
            operations.turn()
            e = self.ambient.events[operations.running.index]
            event = {"ev": "sweep_pace", "heap_distance": e.get("heap_distance"), "pages_in_use": h.pages_in_use}
            operations.report(event | {"st": self.ambient.machine.counters()})
            original(h)

        return ready

    def _free_stack_spans(self, original: Function) -> Function:
        def free_stack_spans(h: Any) -> None:
            self.operations.turn()
            self.operations.report({"ev": "free_stack_spans_begin"})
            original(h)
            self.operations.emit({"ev": "free_stack_spans_end"})

        return free_stack_spans
