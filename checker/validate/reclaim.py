"""Reclaim before growth, driven by the log: the spans it sweeps are an input, its lists and sums are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.machine import LARGE_LIST
from checker.validate.sweeper import Sweeper
from checker.validate.verdict import Mismatch


@dataclass(slots=True)
class Reclaim:
    """One thread's reclaim under way: ``req`` pages wanted, the list it is at, pages got from it and from earlier ones.

    ``open`` is the reclaim_unlock that has not been matched by its reclaim_lock yet.
    """

    request: Event
    req: int
    at: int | None = None
    got: int = 0
    earlier: int = 0
    swept_all: bool = False
    open: Event | None = None
    pages_before: int = 0

    def in_first_loops(self) -> bool:
        """Whether the present list holds spans of at least the pages wanted."""
        return self.at is not None and (self.at == LARGE_LIST or self.at >= self.req)


class Reclaimer:
    """Follows the reclaims of all threads."""

    def __init__(self, ambient: Ambient, sweeper: Sweeper, lists: Any) -> None:
        self.ambient = ambient
        self.machine = ambient.machine
        self.sweeper = sweeper
        self.lists = lists
        self.under_way: dict[int, Reclaim] = {}

    def begin(self, i: int, e: Event, request: Event) -> None:
        """Entry of reclaim, for the alloc_m whose begin event is ``request``."""
        self._match(i, e, {"ev": "reclaim_begin", "req": request["req"]})
        self.under_way[e["m"]] = Reclaim(request, request["req"])

    def unlock(self, i: int, e: Event) -> None:
        """The lock is dropped to sweep one span, which went to the back of its busy list, or all that is left."""
        r = self.under_way[e["m"]]
        if e["reason"] == "span":
            self._span(i, e, r)
        else:
            if r.swept_all or self._may_end(r):
                raise Mismatch(i, "ev", "reclaim_end", "reclaim_unlock")
            r.earlier, r.got, r.at, r.swept_all = r.earlier + r.got, 0, None, True
            self._match(i, e, {"ev": "reclaim_unlock", "reason": "sweepall", "npages": 0, "n": r.earlier, "want": r.req})
        r.open = e
        r.pages_before = self.sweeper.pages.get(e["m"], 0)

    def _span(self, i: int, e: Event, r: Reclaim) -> None:
        s = self.machine.span(e.get("sid", -1))
        if s is None or s.state != 0 or s.list is None or s.sweepgen != self.ambient.heap.sweepgen - 2:
            raise Mismatch(i, "sid", "a large span in use that is still to be swept", e.get("sid"))
        at = min(s.npages, LARGE_LIST)
        if r.swept_all or self._must_end(r) or (at != r.at and self._may_end(r)):
            raise Mismatch(i, "ev", "reclaim_end", "reclaim_unlock")
        if at != r.at:
            order = [*range(r.req, LARGE_LIST), LARGE_LIST, *range(min(r.req, LARGE_LIST))]
            if at not in order or (r.at is not None and order.index(at) < order.index(r.at)):
                raise Mismatch(i, "npages", f"a list after that of {r.at} pages", s.npages)
            r.earlier, r.got, r.at = r.earlier + r.got, 0, at
        expected = {
            "ev": "reclaim_unlock",
            "reason": "span",
            "base": self.sweeper.base(s),
            "npages": s.npages,
            "sid": s.number - 1,
            "n": r.got,
            "want": r.req - r.earlier,
        }
        spans = s.list
        self.lists.remove(spans, s)
        self.lists.insert_back(spans, s)
        self._match(i, e, expected)
        self.sweeper.claim(e["m"], s)

    def lock(self, i: int, e: Event) -> None:
        """The lock is taken again, by a thread whose sweep or sweeps have ended."""
        r = self.under_way.get(e["m"])
        if r is None or r.open is None:
            raise Mismatch(i, "ev", "reclaim_unlock before it", "reclaim_lock")
        if e["m"] in self.sweeper.claims:
            raise Mismatch(i, "ev", "sweep_begin of the span that was claimed", "reclaim_lock")
        taken = self.sweeper.pages.get(e["m"], 0) - r.pages_before
        opened = r.open
        expected = {
            "ev": "reclaim_lock",
            "reason": opened["reason"],
            "npages": opened["npages"],
            "freed": opened["reason"] == "span" and taken > 0,
            "n": opened["n"] + taken,
            "want": opened["want"],
        }
        if "base" in opened:
            expected["base"] = opened["base"]
        self._match(i, e, expected)
        r.got += taken
        r.open = None

    def end(self, i: int, e: Event) -> Event:
        """Reclaim returns; gives the begin event of its alloc_m back."""
        r = self.under_way.pop(e["m"])
        total = r.earlier + r.got
        if r.swept_all:
            stage, reclaimed = "sweepall", total
            if total < r.req and not self.ambient.can_show(i, "sweepdone", 1):
                raise Mismatch(i, "reclaimed", f"at least {r.req} as long as spans are left to sweep", total)
        elif not self._may_end(r):
            raise Mismatch(i, "ev", "reclaim_unlock: too little was reclaimed", "reclaim_end")
        elif r.in_first_loops():
            stage, reclaimed = "busylarge" if r.at == LARGE_LIST else "busy", 0
        else:
            stage, reclaimed = "smaller", total
        self._match(i, e, {"ev": "reclaim_end", "req": r.req, "stage": stage, "reclaimed": reclaimed})
        return r.request

    def _must_end(self, r: Reclaim) -> bool:
        """Whether enough pages were reclaimed, so that no list is looked at any more."""
        return r.at is not None and r.earlier + r.got >= r.req

    def _may_end(self, r: Reclaim) -> bool:
        """Whether reclaim ends with the present list: its first two loops end with any success."""
        return self._must_end(r) or (r.in_first_loops() and r.got > 0)

    def _match(self, i: int, e: Event, expected: Event) -> None:
        expected["st"] = self.machine.counters()
        self.ambient.match(i, e, expected)
