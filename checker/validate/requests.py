"""What a log asks of the heap: the event that begins an operation, what it may ask for, and the spec function that it runs."""

from __future__ import annotations

from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.operations import Operation, Operations
from checker.validate.stacks import Stacks
from checker.validate.verdict import Mismatch

_LIMITS = (300 * 10**9, 20 * 10**6)
"""Sysmon's two scavenge limits: five minutes, or 20 ms with GODEBUG=scavenge=1."""


class Requests:
    """Begins the operations that allocate, free stacks or release memory."""

    def __init__(self, ambient: Ambient, operations: Operations, stacks: Stacks) -> None:
        self.ambient = ambient
        self.machine = ambient.machine
        self.operations = operations
        self.stacks = stacks
        self.modules = ambient.machine.spec.modules
        self.scavenges = 0
        self.limit: int | None = None
        self.kinds = {
            "init": self._init,
            "alloc_m_begin": self._alloc,
            "alloc_stack_begin": self._alloc_stack,
            "free_stack_begin": self._free_stack,
            "scav_begin": self._scavenge,
        }

    def begin(self, i: int, e: Event) -> Operation:
        """The operation, run already if nothing can interrupt it."""
        return self.kinds[e["ev"]](i, e)

    def _init(self, i: int, e: Event) -> Operation:
        if i:
            raise Mismatch(i, "ev", "init only as the first event", "init")
        header = self.ambient.header
        expected = {k: header[k] for k in ("arena_start", "arena_end", "bitmap", "spans", "spans_size")}
        expected |= {"ev": "init", "arena_used": header["arena_start"], "reserved": header.get("arena_reserved", e["reserved"])}
        op = Operation(e["m"], i, e, done=True)
        op.out.append(expected | {"st": self.machine.counters()})
        return op

    def _pages(self, i: int, req: int) -> None:
        most = self.machine.spec.parameters.resolve("arena_pages")
        if not 1 <= req <= most:
            raise Mismatch(i, "req", f"1 to {most} pages", req)

    def _alloc(self, i: int, e: Event) -> Operation:
        classes = self.modules["size_classes"].CLASS_TO_PAGES
        c, req = e["sizeclass"], e["req"]
        if not 0 <= c < len(classes):
            raise Mismatch(i, "sizeclass", f"0 to {len(classes) - 1}", c)
        if c and req != classes[c]:
            raise Mismatch(i, "req", classes[c], req)
        self._pages(i, req)
        if c:  # the central list keeps the span; how it fills it is not recorded
            return self.operations.begin(e["m"], i, self.modules["alloc"].alloc, req, c, False, True)
        return self.operations.begin(e["m"], i, self.modules["environment.client"].alloc_large_object, req)

    def _alloc_stack(self, i: int, e: Event) -> Operation:
        self._pages(i, e["req"])
        return self.operations.call(e["m"], i, self.modules["alloc"].alloc_stack, e["req"])

    def _free_stack(self, i: int, e: Event) -> Operation:
        s: Any = self.stacks.free(i, e)
        return self.operations.call(e["m"], i, self.modules["free"].free_stack, s)

    def _scavenge(self, i: int, e: Event) -> Operation:
        now, limit = e["now"], e["limit"]
        if e["k"] == -1:
            now, limit = "max", 0
        else:
            if isinstance(now, str):
                raise Mismatch(i, "now", "a time", now)
            if e["k"] != self.scavenges:
                raise Mismatch(i, "k", self.scavenges, e["k"])
            self.scavenges += 1
            allowed = _LIMITS if self.limit is None else (self.limit,)
            if limit not in allowed:
                raise Mismatch(i, "limit", " or ".join(map(str, allowed)), limit)
            self.limit = limit
        return self.operations.call(e["m"], i, self.modules["scavenge"].scavenge, self.machine.raw(now), limit)
