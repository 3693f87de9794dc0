"""Predicting events by watching the spec's functions: every decision is the spec's, here it is only written down.

Each wrapper notes what the state shows at entry, lets the spec run, and derives the event's fields from what has
changed. What the OS does with pages is a ghost that no event shows, so those loops are left out for speed.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from types import FrameType
from typing import Any

from checker.load import Spec
from checker.load.instrument import Function, replace
from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.machine import STATES, Machine
from checker.validate.operations import Operation, Operations

_ENDS = ("alloc_m_end", "alloc_stack_end", "free_span_end", "free_stack_end")


def ignore(*_: Any) -> None:
    """Stand in for a ghost of the environment."""


class Observer:
    """The wrappers around one loaded spec, and what they saw.

    Attributes
    ----------
    machine : Machine
        The heap being watched; set before each log.
    ambient, operations
        Of the log under way; set before each. Events go to the running operation, without ``seq``, ``m``, ``ts``
        and the ambient fields.
    """

    machine: Machine
    ambient: Ambient
    operations: Operations

    def __init__(self, spec: Spec) -> None:
        self.events: deque[Event] = deque()
        self.cause = ""
        self._growth: dict[str, Any] | None = None
        self._found: tuple[int, int, int, int] | None = None
        self._remainder: tuple[int, int, int] | None = None
        self._allocating = self._grew = False
        self._released: tuple[int, int] | None = None
        self._skips = _skip_lines(spec.sources["scavenge"])
        replace(spec, "environment.clock.nanotime", self._nanotime)
        replace(spec, "free.free_span_locked", self._free)
        replace(spec, "alloc.alloc_span_locked", self._alloc)
        replace(spec, "lists.remove", self._remove, within=["alloc"])
        replace(spec, "grow.grow", self._grow)
        replace(spec, "table.round_up", self._round_up, within=["grow"])
        replace(spec, "environment.arena.sys_alloc", self._sys_alloc)
        replace(spec, "scavenge.scavenge_span", self._scavenge_span)
        replace(spec, "environment.os.sys_unused", self._sys_unused)
        replace(spec, "environment.os.sys_used", lambda _: ignore)
        replace(spec, "environment.os.memclr", lambda _: ignore)
        replace(spec, "alloc.alloc_m", self._alloc_m)

    def start(self, ambient: Ambient, operations: Operations) -> None:
        """A new log."""
        self.machine, self.ambient, self.operations = ambient.machine, ambient, operations

    def section(self, cause: str, op: Operation) -> None:
        """A section begins; ``cause`` names the frees that it makes by itself."""
        self.cause = cause
        self.events = op.out
        self._growth = None
        self._allocating = False

    def _nanotime(self, original: Function) -> Function:
        def nanotime(h: Any) -> Any:
            raw = self._reading()
            if raw is not None:
                h.clock = raw
            return original(h)

        return nanotime

    def _reading(self) -> int | None:
        """The clock's reading in the present section: where Go stamps a span, the log shows the time."""
        events, following = self.ambient.events, self.ambient.following
        j = self.operations.running.index
        while j < len(events):
            e = events[j]
            if e["ev"] == "free" and e["unused_arg"] == 0:
                return self.machine.raw(e["unused2"])
            if e["ev"] in _ENDS:
                return None
            j = following[j]
        return None

    def _alloc_m(self, original: Function) -> Function:
        def alloc_m(h: Any, npage: int, sizeclass: int, large: bool) -> Any:
            s = original(h, npage, sizeclass, large)
            if s is not None:
                m, op = self.machine, self.operations.running
                self.operations.turn()
                event = {"ev": "zeroed", "base": m.page(s.start_addr), "npages": s.npages}
                want = sizeclass != 0 or self.ambient.events[op.index].get("want", True)
                self.operations.report(event | {"want": want, "needzero": s.needzero, "sid": s.number - 1})
            return s

        return alloc_m

    def _free(self, original: Function) -> Function:
        def free_span_locked(h: Any, s: Any, acct_inuse: bool, acct_idle: bool, unusedsince: int) -> None:
            m = self.machine
            base, npages, sid = m.page(s.start_addr), s.npages, s.number - 1
            cause = self.cause
            if self._growth is not None:
                cause = "grow"
                self._emit_grow(h, s)
            elif self._allocating:
                cause = "trim"
                self._remainder = (sid, base, npages)
            event = {
                "ev": "free",
                "cause": cause,
                "from_state": STATES[s.state],
                "acctinuse": acct_inuse,
                "acctidle": acct_idle,
                "unused_arg": m.relative(unusedsince),
                "base": base,
                "npages": npages,
                "needzero": s.needzero,
                "sid": sid,
                "on_busy": s.list is not None,
            }
            left_span = list.__getitem__(h.spans, base - 1) if base > 0 else None
            after = base + npages
            right_span = list.__getitem__(h.spans, after) if after < len(h.spans) else None
            left_npreleased = left_span.npreleased if left_span is not None else 0
            right_npreleased = right_span.npreleased if right_span is not None else 0
            original(h, s, acct_inuse, acct_idle, unusedsince)
            event["base2"] = base2 = m.page(s.start_addr)
            event["npages2"] = s.npages
            event["npreleased2"] = s.npreleased
            event["needzero2"] = s.needzero
            event["unused2"] = m.relative(s.unusedsince)
            event["left"] = left = base - base2
            event["right"] = right = s.npages - npages - left
            if left:
                event["left_sid"] = left_span.number - 1 if left_span is not None else None
                event["left_npreleased"] = left_npreleased
            if right:
                event["right_sid"] = right_span.number - 1 if right_span is not None else None
                event["right_npreleased"] = right_npreleased
            event["st"] = m.counters()
            self.events.append(event)

        return free_span_locked

    def _emit_grow(self, h: Any, s: Any) -> None:
        assert self._growth is not None
        growth, self._growth = self._growth, None
        asks = growth.pop("asks")
        growth["ask"] = asks[-1] if asks else 0
        growth["fallback"] = len(asks) > 1
        growth["base"] = self.machine.page(s.start_addr)
        growth["bitmap_mapped_after"] = h.bitmap_mapped
        growth["sid"] = s.number - 1
        growth["st"] = self.machine.counters()
        self.events.append(growth)

    def _grow(self, original: Function) -> Function:
        def grow(h: Any, npage: int) -> Any:
            self._grew = True
            self._growth = {
                "ev": "grow",
                "req": npage,
                "asks": [],
                "used_before": self.machine.page(h.arena_used),
                "spans_mapped_before": h.spans_mapped,
            }
            grown = original(h, npage)
            self._growth = None
            if not grown:
                self.machine.check_capacity()
            return grown

        return grow

    def _round_up(self, original: Function) -> Function:
        def round_up(n: int, to: int) -> Any:
            rounded = original(n, to)
            if self._growth is not None:
                self._growth.setdefault("rounded", rounded)
            return rounded

        return round_up

    def _sys_alloc(self, original: Function) -> Function:
        def sys_alloc(h: Any, n: int) -> Any:
            if self._growth is not None:
                self._growth["asks"].append(n)
            return original(h, n)

        return sys_alloc

    def _remove(self, original: Function) -> Function:
        def remove(spans: Any, s: Any) -> None:
            self._found = (self.machine.list_index.get(spans.number, -1), s.npages, s.npreleased, s.unusedsince)
            original(spans, s)

        return remove

    def _alloc(self, original: Function) -> Function:
        def alloc_span_locked(h: Any, npage: int) -> Any:
            self._allocating, self._grew = True, False
            self._found = self._remainder = None
            s = original(h, npage)
            self._allocating = False
            if s is None or self._found is None:
                return s
            m = self.machine
            index, found_npages, found_npreleased, found_unused = self._found
            event = {
                "ev": "alloc",
                "req": npage,
                "list": index,
                "grew": self._grew,
                "base": m.page(s.start_addr),
                "found_npages": found_npages,
                "found_npreleased": found_npreleased,
                "needzero": s.needzero,
                "found_unused": m.relative(found_unused),
                "split": self._remainder is not None,
                "sid": s.number - 1,
            }
            if self._remainder is not None:
                event["rem_sid"], event["rem_base"], event["rem_npages"] = self._remainder
            event["st"] = m.counters()
            self.events.append(event)
            return s

        return alloc_span_locked

    def _sys_unused(self, original: Function) -> Function:
        def sys_unused(h: Any, v: int, n: int) -> None:
            self._released = (v, n)

        return sys_unused

    def _scavenge_span(self, original: Function) -> Function:
        code = original.__code__
        line = 0

        def profile(frame: FrameType, what: str, _: object) -> None:
            nonlocal line
            if what == "return" and frame.f_code is code:
                line = frame.f_lineno

        def scavenge_span(h: Any, s: Any, now: int, limit: int) -> Any:
            m = self.machine
            npreleased, self._released = s.npreleased, None
            before = sys.getprofile()
            sys.setprofile(profile)
            try:
                released = original(h, s, now, limit)
            finally:
                sys.setprofile(before)
            event = {
                "base": m.page(s.start_addr),
                "npages": s.npages,
                "npreleased": npreleased,
                "unused": m.relative(s.unusedsince),
                "list": m.list_index.get(s.list.number, -1) if s.list is not None else -1,
                "st": m.counters(),
            }
            if self._released is not None:
                v, n = self._released
                event |= {
                    "ev": "scav_span",
                    "start": m.page(v),
                    "len": m.signed(n) >> m.shift,
                    "npreleased2": s.npreleased,
                    "released": m.signed(released) >> m.shift,
                    "sid": s.number - 1,
                }
                self.events.append(event)
            elif line in self._skips:
                event |= {"ev": "scav_skip", "why": self._skips[line]}
                self.events.append(event)
            return released

        return scavenge_span


def _skip_lines(source: str) -> dict[int, str]:
    """The lines of scavenge_span that return early, with the log's word for each.

    The two early returns stand for Go's two ``continue``s, in the same order: first nothing left after rounding in
    to physical pages, then nothing newly released. Which one is taken is the spec's decision; its line tells.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == "scavenge_span":
            inner = [n for stmt in node.body if not isinstance(stmt, ast.Return) for n in ast.walk(stmt)]
            early = sorted(n.lineno for n in inner if isinstance(n, ast.Return) and isinstance(n.value, ast.Constant))
            return dict(zip(early, ("no_phys_page", "nothing_new"), strict=False))
    return {}
