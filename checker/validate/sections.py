"""Sections under the heap lock: the log's request is run on the spec, and the section is what the spec did.

A section's first event says what was asked. The spec runs then, and its predicted events wait in a queue for the
log's. Only alloc_m with a reclaim runs later: the reclaim comes first and may give the lock away in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.log import Event
from checker.validate.observe import Observer
from checker.validate.reclaim import Reclaimer
from checker.validate.snapshot import Snapshots
from checker.validate.stacks import Stacks
from checker.validate.sweeper import Sweeper
from checker.validate.verdict import ABSENT, Mismatch
from spec.language import Throw

_RECLAIM = ("reclaim_begin", "reclaim_unlock", "reclaim_lock", "reclaim_end")
_LIMITS = (300 * 10**9, 20 * 10**6)
"""Sysmon's two scavenge limits: five minutes, or 20 ms with GODEBUG=scavenge=1."""


class Sections:
    """Who holds the heap lock, and what it is going to record."""

    def __init__(self, ambient: Ambient, observer: Observer, collector: Collector, sweeper: Sweeper, stacks: Stacks) -> None:
        self.ambient = ambient
        self.observer = observer
        self.machine = ambient.machine
        self.collector = collector
        self.sweeper = sweeper
        self.snapshots = Snapshots(ambient, sweeper)
        self.stacks = stacks
        self.modules = ambient.machine.spec.modules
        self.reclaimer = Reclaimer(ambient, sweeper, self.modules["lists"])
        self.queue: deque[Event] = deque()
        self.owner: int | None = None
        self.waiting: Event | None = None
        self.last: Event | None = None
        self.scavenges = 0
        self.limit: int | None = None
        self.allocated: dict[int, Any] = {}
        self.handlers: dict[str, Callable[[int, Event], None]] = {
            "init": self._init,
            "alloc_m_begin": self._alloc_m_begin,
            "alloc_stack_begin": self._alloc_stack,
            "free_span_begin": self._free_span,
            "free_stack_begin": self._free_stack,
            "scav_begin": self._scavenge,
            "snap_begin": self._snapshot,
            "sweepgen": self._cycle,
            "copyspans": self._cycle,
            "sweep_pace": self._cycle,
        }

    def event(self, i: int, e: Event) -> None:
        """The next locked event: what the section under way predicts, or the first of a new section."""
        if self.owner is not None and e["m"] != self.owner:
            raise Mismatch(i, "m", self.owner, e["m"])
        if self.queue:
            self._next(i, e)
        elif e["ev"] in _RECLAIM:
            self._reclaim(i, e)
        elif self.waiting is not None:
            raise Mismatch(i, "ev", "reclaim_begin" if self.waiting["ev"] == "alloc_m_begin" else "reclaim_end", e["ev"])
        elif self.owner is not None:
            raise Mismatch(i, "ev", "reclaim_unlock or reclaim_end", e["ev"])
        else:
            handler = self.handlers.get(e["ev"])
            if handler is None:
                raise Mismatch(i, "ev", "the first event of a section", e["ev"])
            handler(i, e)
        self.last = e

    def finish(self, i: int) -> None:
        """The log is at its end: no section may be under way."""
        if self.queue:
            raise Mismatch(i, "ev", self.queue[0]["ev"], ABSENT)
        if self.owner is not None:
            raise Mismatch(i, "ev", f"the rest of the section of m{self.owner}", ABSENT)

    def _next(self, i: int, e: Event) -> None:
        expected = self.queue.popleft()
        if expected["ev"] == "snap_span" and e["ev"] == "snap_span" and expected["sid"] == e["sid"]:
            self.snapshots.settle(i, e, expected)
        elif expected["ev"] != e["ev"]:
            raise Mismatch(i, "ev", expected["ev"], e["ev"])
        self.ambient.match(i, e, expected)
        if not self.queue:
            self.owner = None

    def _start(self, i: int, e: Event, predicted: list[Event]) -> None:
        """Match the first of the predicted events now and let the others wait."""
        self.queue.extend(predicted)
        self.owner = e["m"]
        self._next(i, e)

    def _run(self, i: int, m: int, cause: str, operation: Callable[..., Any], *args: Any) -> tuple[Any, list[Event]]:
        """Run a spec operation; its events, with a last one that no log has if it throws."""
        self.observer.begin(cause)
        self.observer.reading = lambda: self._reading(i, m)
        try:
            result = operation(self.ambient.heap, *args)
        except Throw as e:
            return None, [*self.observer.take(), {"ev": f"throw({str(e)!r})"}]
        return result, self.observer.take()

    def _reading(self, i: int, m: int) -> int | None:
        """The clock's reading in the section that begins at i: where Go stamps a span, the log shows the time."""
        events = self.ambient.events
        for j in range(i + 1, len(events)):
            e = events[j]
            if e["m"] == m and "st" in e:
                if e["ev"] == "free" and e["unused_arg"] == 0:
                    return self.machine.raw(e["unused2"])
                if e["ev"].endswith("_end"):
                    return None
        return None

    def _init(self, i: int, e: Event) -> None:
        if i:
            raise Mismatch(i, "ev", "init only as the first event", "init")
        header = self.ambient.header
        expected = {k: header[k] for k in ("arena_start", "arena_end", "bitmap", "spans", "spans_size")}
        expected |= {"ev": "init", "arena_used": header["arena_start"], "reserved": header.get("arena_reserved", e["reserved"])}
        self._start(i, e, [expected | {"st": self.machine.counters()}])

    def _begin(self, e: Event, *names: str) -> Event:
        return {"ev": e["ev"], **{name: e[name] for name in names}, "st": self.machine.counters()}

    def _alloc_m_begin(self, i: int, e: Event) -> None:
        classes = self.modules["size_classes"].CLASS_TO_PAGES
        c, req = e["sizeclass"], e["req"]
        expected = self._begin(e, "req", "sizeclass", "large")
        seen = e["sweepdone_in"]
        expected["sweepdone_in"] = seen if self.ambient.can_show(i, "sweepdone", seen) else self.ambient.sweepdone
        if not 0 <= c < len(classes):
            raise Mismatch(i, "sizeclass", f"0 to {len(classes) - 1}", c)
        if c and req != classes[c]:
            raise Mismatch(i, "req", classes[c], req)
        self._request(i, req)
        expected["large"] = c == 0
        self.ambient.match(i, e, expected)
        self.owner = e["m"]
        if seen == 0 and not self._swept_meanwhile(i, e["m"]):
            self.waiting = e
        else:
            self._alloc_m(i, e)

    def _swept_meanwhile(self, i: int, m: int) -> bool:
        """Whether another thread ended the sweep between the event at i and alloc_m's own look at sweepdone."""
        events = self.ambient.events
        following = self.ambient.next_of(m, i)
        skipped = following < len(events) and events[following]["ev"] != "reclaim_begin"
        return skipped and self.ambient.can_show(i, "sweepdone", 1)

    def _request(self, i: int, req: int) -> None:
        most = self.machine.spec.parameters.resolve("arena_pages")
        if not 1 <= req <= most:
            raise Mismatch(i, "req", f"1 to {most} pages", req)

    def _reclaim(self, i: int, e: Event) -> None:
        ev, m = e["ev"], e["m"]
        if ev == "reclaim_lock":
            if self.owner is not None:
                raise Mismatch(i, "ev", "reclaim_end or reclaim_unlock", ev)
            self.reclaimer.lock(i, e)
            self.owner = m
        elif ev == "reclaim_begin":
            if self.waiting is None:
                raise Mismatch(i, "ev", "no reclaim: sweeping is done", ev)
            self.reclaimer.begin(i, e, self.waiting)
            self.waiting = None
        elif self.owner != m or self.waiting is not None:
            raise Mismatch(i, "ev", "reclaim_begin before it", ev)
        elif ev == "reclaim_unlock":
            self.reclaimer.unlock(i, e)
            self.owner = None
        else:
            self._alloc_m(i, self.reclaimer.end(i, e))

    def _alloc_m(self, i: int, e: Event) -> None:
        """Run alloc_m after the event at i, for the request of e."""
        args = e["req"], e["sizeclass"], e["large"]
        s, predicted = self._run(i, e["m"], "", self.modules["alloc"].alloc_m, *args)
        end = {"ev": "alloc_m_end", **{k: e[k] for k in ("req", "sizeclass", "large")}, "base": None}
        if s is not None:
            end |= {
                "base": self.sweeper.base(s),
                "span_sweepgen": s.sweepgen,
                "sid": s.number - 1,
                "elemsize": s.elemsize,
                "needzero": s.needzero,
            }
            self.allocated[e["m"]] = s
        self.queue.extend([*predicted, end | {"st": self.machine.counters()}])

    def _alloc_stack(self, i: int, e: Event) -> None:
        self._request(i, e["req"])
        begin = self._begin(e, "req")
        s, predicted = self._run(i, e["m"], "", self.modules["alloc"].alloc_stack, e["req"])
        end = {"ev": "alloc_stack_end", "req": e["req"], "base": None, "st": self.machine.counters()}
        if s is not None:
            end |= {"base": self.sweeper.base(s), "sid": s.number - 1, "needzero": s.needzero}
        self._start(i, e, [begin, *predicted, end])

    def _free_span(self, i: int, e: Event) -> None:
        s = self.sweeper.free(i, e)
        begin = {"ev": e["ev"], "base": self.sweeper.base(s), "npages": s.npages, "acct": int(s.sizeclass == 0)}
        begin |= {"sizeclass": s.sizeclass, "sid": s.number - 1, "needzero": s.needzero, "st": self.machine.counters()}
        _, predicted = self._run(i, e["m"], "sweep", self.modules["free"].free_span, s, s.sizeclass == 0)
        self._freed(i, e, s, begin, predicted, "free_span_end")

    def _free_stack(self, i: int, e: Event) -> None:
        s = self.stacks.free(i, e)
        begin = {"ev": e["ev"], "base": self.sweeper.base(s), "npages": s.npages, "why": e["why"], "sid": s.number - 1}
        begin["st"] = self.machine.counters()
        _, predicted = self._run(i, e["m"], "stack", self.modules["free"].free_stack, s)
        self._freed(i, e, s, begin, predicted, "free_stack_end")

    def _freed(self, i: int, e: Event, s: Any, begin: Event, predicted: list[Event], ev: str) -> None:
        end = {"ev": ev, "base": begin["base"], "npages": begin["npages"], "sid": begin["sid"]}
        end |= {"base2": self.sweeper.base(s), "npages2": s.npages, "st": self.machine.counters()}
        self._start(i, e, [begin, *predicted, end])

    def _scavenge(self, i: int, e: Event) -> None:
        k, now, limit = e["k"], e["now"], e["limit"]
        begin = self._begin(e, "k", "now", "limit")
        if k == -1:
            begin |= {"now": "max", "limit": 0}
        else:
            if isinstance(now, str):
                raise Mismatch(i, "now", "a time", now)
            begin["k"] = self.scavenges
            self.scavenges += 1
            allowed = _LIMITS if self.limit is None else (self.limit,)
            if limit not in allowed:
                raise Mismatch(i, "limit", " or ".join(map(str, allowed)), limit)
            self.limit = limit
        _, predicted = self._run(i, e["m"], "", self.modules["scavenge"].scavenge, self.machine.raw(now), limit)
        released = sum(x["released"] for x in predicted if x["ev"] == "scav_span")
        end = {"ev": "scav_end", "k": k, "released": released, "st": self.machine.counters()}
        self._start(i, e, [begin, *predicted, end])

    def _snapshot(self, i: int, e: Event) -> None:
        self._start(i, e, self.snapshots.predict(i, e, self.last))

    def _cycle(self, i: int, e: Event) -> None:
        self._start(i, e, [self.collector.locked(i, e)])
        if e["ev"] == "sweepgen":
            self.sweeper.new_cycle()
