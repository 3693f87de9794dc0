"""Stack spans outside the heap lock: large ones parked during a collection, pool spans kept until it ends."""

from __future__ import annotations

from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.log import Event
from checker.validate.verdict import Mismatch

POOL_PAGES = 4  # stackpoolalloc takes spans of 32 KB
ORDERS = 4
_WHY = ("pool_now", "large_now", "pool_after_gc", "large_after_gc")


class Stacks:
    """Follows which stack spans wait for the end of a collection."""

    def __init__(self, ambient: Ambient, collector: Collector) -> None:
        self.ambient = ambient
        self.machine = ambient.machine
        self.collector = collector
        self.parked: set[int] = set()
        self.orders: dict[int, int] = {}

    def event(self, i: int, e: Event) -> None:
        """One of the stk_* events."""
        ev, sid = e["ev"], e["sid"]
        s = self.stack_span(i, e)
        expected = {"ev": ev, "base": self.machine.page(s.start_addr), "npages": s.npages, "sid": sid}
        if ev == "stk_pool_defer":
            order: int = self.orders[sid] if sid in self.orders else e["order"]
            if not 0 <= order < ORDERS:
                raise Mismatch(i, "order", f"0 to {ORDERS - 1}", order)
            if s.npages != POOL_PAGES:
                raise Mismatch(i, "sid", f"a pool span, of {POOL_PAGES} pages", sid)
            expected |= {"order": order, "gcphase_seen": self._running(i, e)}
        else:
            expected["log2"] = s.npages.bit_length() - 1
        self.ambient.match(i, e, expected)
        if ev == "stk_pool_defer":
            self.orders[sid] = e["order"]
        elif ev == "stk_large_put":
            self._running(i, e)
            if sid in self.parked or sid in self.orders:
                raise Mismatch(i, "sid", "a large stack span that is not parked", sid)
            self.parked.add(sid)
        elif sid not in self.parked:
            raise Mismatch(i, "sid", "a parked stack span", sid)
        else:
            self.parked.discard(sid)

    def free(self, i: int, e: Event) -> Any:
        """A stack span is given back, for one of four reasons; returns the span."""
        why, sid = e["why"], e["sid"]
        if why not in _WHY:
            raise Mismatch(i, "why", " or ".join(_WHY), why)
        s = self.stack_span(i, e)
        after_gc = self.collector.freeing_stacks == e["m"]
        pool = sid in self.orders or (why.startswith("pool") and s.npages == POOL_PAGES and sid not in self.parked)
        want = ("pool" if pool else "large") + ("_after_gc" if after_gc else "_now")
        if why != want:
            raise Mismatch(i, "why", want, why)
        if after_gc and sid not in self.parked and sid not in self.orders:
            raise Mismatch(i, "sid", "a stack span that waits for the end of the collection", sid)
        if not after_gc and sid in self.parked:
            raise Mismatch(i, "sid", "a stack span that is in use", sid)
        if not after_gc and not self.ambient.can_show(i, "gcphase", "off"):
            raise Mismatch(i, "why", "no stack is freed while the collector runs", why)
        self.parked.discard(sid)
        self.orders.pop(sid, None)
        return s

    def stack_span(self, i: int, e: Event) -> Any:
        """The stack span that the event names."""
        s = self.machine.span(e["sid"])
        if s is None or s.state != 1:
            raise Mismatch(i, "sid", "a stack span", e["sid"])
        return s

    def _running(self, i: int, e: Event) -> str:
        """The phase that a thread which keeps a span must have seen: not off, or it would have freed the span."""
        phases = [p for p in ("mark", "markterm") if self.ambient.can_show(i, "gcphase", p)]
        if not phases:
            raise Mismatch(i, "ev", "no such event while the collector is off", e["ev"])
        said: str = e.get("gcphase_seen", "")
        return said if said in phases else phases[0]
