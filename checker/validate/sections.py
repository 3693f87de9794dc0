"""Critical sections under the heap lock: the first and the last event of each, from what the spec function holds there.

A section is known by the spec function that takes or drops the lock. What happens in between is recorded by `observe`.
"""

from __future__ import annotations

from types import FrameType
from typing import Any

from checker.errors import LanguageError
from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.log import Event
from checker.validate.observe import Observer
from checker.validate.operations import Operation, Operations
from checker.validate.reclaim import Reclaims


def local(frame: FrameType, name: str) -> Any:
    """A local variable or parameter of a spec function that is watched."""
    try:
        return frame.f_locals[name]
    except KeyError:
        code = frame.f_code
        where = f"{code.co_filename}:{frame.f_lineno}"
        raise LanguageError(where, f"validation shows the local {name!r} of {code.co_name}; it has none here") from None


class Sections:
    """Writes down how sections begin and end."""

    def __init__(
        self, ambient: Ambient, operations: Operations, observer: Observer, reclaims: Reclaims, collector: Collector
    ) -> None:
        self.ambient = ambient
        self.machine = ambient.machine
        self.heap = ambient.heap
        self.operations = operations
        self.observer = observer
        self.reclaims = reclaims
        self.collector = collector
        self._base = self._npages = 0
        operations.opening = {
            "alloc_m": self._alloc_m_begin,
            "alloc_stack": self._alloc_stack_begin,
            "free_span": self._free_span_begin,
            "free_stack": self._free_stack_begin,
            "scavenge": self._scav_begin,
            "reclaim_list": self._reclaim_lock,
            "reclaim": self._reclaim_lock_all,
        }
        operations.closing = {
            "alloc_m": self._alloc_m_end,
            "alloc_stack": self._alloc_stack_end,
            "free_span": self._free_span_end,
            "free_stack": self._free_stack_end,
            "scavenge": self._scav_end,
            "reclaim_list": self._reclaim_unlock,
            "reclaim": self._reclaim_unlock_all,
            "gc_copy_spans": self._copyspans,
            "gc_sweep": self._sweepgen,
        }

    def _emit(self, event: Event) -> None:
        event["st"] = self.machine.counters()
        self.operations.emit(event)

    def _alloc_m_begin(self, op: Operation, frame: FrameType) -> None:
        seen = op.request["sweepdone_in"]
        self.observer.section("", op)
        self._emit(
            {
                "ev": "alloc_m_begin",
                "req": local(frame, "npage"),
                "sizeclass": local(frame, "sizeclass"),
                "large": local(frame, "large"),
                "sweepdone_in": seen if self.ambient.can_show(op.index, "sweepdone", seen) else self.ambient.sweepdone,
            }
        )
        self.reclaims.test_sweepdone(op)

    def _alloc_m_end(self, op: Operation, frame: FrameType) -> None:
        s = local(frame, "s")
        end = {"ev": "alloc_m_end", **{k: op.request[k] for k in ("req", "sizeclass", "large")}, "base": None}
        if s is not None:
            end |= {
                "base": self.machine.page(s.start_addr),
                "span_sweepgen": s.sweepgen,
                "sid": s.number - 1,
                "elemsize": s.elemsize,
                "needzero": s.needzero,
            }
        self._emit(end)

    def _alloc_stack_begin(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("", op)
        self._emit({"ev": "alloc_stack_begin", "req": local(frame, "npage")})

    def _alloc_stack_end(self, op: Operation, frame: FrameType) -> None:
        s = local(frame, "s")
        end = {"ev": "alloc_stack_end", "req": local(frame, "npage"), "base": None}
        if s is not None:
            end |= {"base": self.machine.page(s.start_addr), "sid": s.number - 1, "needzero": s.needzero}
        self._emit(end)

    def _free_span_begin(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("sweep", op)
        s = self._freeing(frame)
        begin = {"ev": "free_span_begin", "base": self._base, "npages": s.npages, "acct": int(local(frame, "acct"))}
        self._emit(begin | {"sizeclass": s.sizeclass, "sid": s.number - 1, "needzero": s.needzero})

    def _free_stack_begin(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("stack", op)
        s = self._freeing(frame)
        begin = {"ev": "free_stack_begin", "base": self._base, "npages": s.npages, "why": op.request["why"]}
        self._emit(begin | {"sid": s.number - 1})

    def _freeing(self, frame: FrameType) -> Any:
        s = local(frame, "s")
        self._base, self._npages = self.machine.page(s.start_addr), s.npages
        return s

    def _free_span_end(self, op: Operation, frame: FrameType) -> None:
        self._freed("free_span_end", frame)

    def _free_stack_end(self, op: Operation, frame: FrameType) -> None:
        self._freed("free_stack_end", frame)

    def _freed(self, ev: str, frame: FrameType) -> None:
        s = local(frame, "s")
        end = {"ev": ev, "base": self._base, "npages": self._npages, "sid": s.number - 1}
        self._emit(end | {"base2": self.machine.page(s.start_addr), "npages2": s.npages})

    def _scav_begin(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("", op)
        now, limit = self.machine.relative(local(frame, "now")), local(frame, "limit")
        self._emit({"ev": "scav_begin", "k": op.request["k"], "now": now, "limit": limit})

    def _scav_end(self, op: Operation, frame: FrameType) -> None:
        released = self.machine.signed(local(frame, "sumreleased")) >> self.machine.shift
        self._emit({"ev": "scav_end", "k": op.request["k"], "released": released})

    def _reclaim_unlock(self, op: Operation, frame: FrameType) -> None:
        s = local(frame, "s")
        base, npages = op.taken = self.machine.page(s.start_addr), s.npages
        event = {"ev": "reclaim_unlock", "reason": "span", "base": base, "npages": npages, "sid": s.number - 1}
        self._emit(event | {"n": local(frame, "n"), "want": local(frame, "npages")})

    def _reclaim_lock(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("", op)
        base, npages = op.taken
        event = {"ev": "reclaim_lock", "reason": "span", "base": base, "npages": npages, "freed": op.freed}
        self._emit(event | {"n": local(frame, "n"), "want": local(frame, "npages")})
        self.reclaims.look(op)

    def _reclaim_unlock_all(self, op: Operation, frame: FrameType) -> None:
        op.swept_all = True
        event = {"ev": "reclaim_unlock", "reason": "sweepall", "npages": 0}
        self._emit(event | {"n": local(frame, "reclaimed"), "want": local(frame, "npage")})

    def _reclaim_lock_all(self, op: Operation, frame: FrameType) -> None:
        self.observer.section("", op)
        event = {"ev": "reclaim_lock", "reason": "sweepall", "npages": 0, "freed": False}
        self._emit(event | {"n": local(frame, "reclaimed"), "want": local(frame, "npage")})

    def _copyspans(self, op: Operation, frame: FrameType) -> None:
        self._emit({"ev": "copyspans", "nspans": self.heap.work.nspan})

    def _sweepgen(self, op: Operation, frame: FrameType) -> None:
        gen = self.heap.sweepgen
        event = {"ev": "sweepgen", "old": self.collector.generation, "new": gen, "nspans": self.heap.work.nspan}
        self._emit(event | {"mode": self.collector.mode})
        self.collector.generation = gen
