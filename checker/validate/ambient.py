"""What every event carries: the collector's phase and generation, and how an event is compared with its prediction.

The three ambient fields are read when an event is completed, without the lock that guards them. So an event may
show a change that another thread made before this thread's next event, though the change is recorded later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from checker.validate.format import AMBIENT
from checker.validate.log import Event, Log
from checker.validate.machine import PHASES, Machine
from checker.validate.verdict import ABSENT, Mismatch


class Ambient:
    """The log's events, the heap that follows them, and the ambient state as recorded so far.

    Attributes
    ----------
    header : dict
    events : list of dict
    machine : Machine
    sweepdone : int
        As recorded so far; the heap's own is set earlier when a thread's report of it is late. The other two are the heap's.
    following : list of int
        By event: the index of the next event of its thread, or the log's length.
    next : dict of int to int
        By thread: the index of its first event that has not been matched.
    """

    def __init__(self, log: Log, machine: Machine) -> None:
        self.header = log.header
        self.events = log.events
        self.machine = machine
        self.heap: Any = machine.heap
        self.sweepdone = 0
        self.next: dict[int, int] = {}
        self.following = [len(log.events)] * len(log.events)
        self._preceding = [-1] * len(log.events)
        self._changes: dict[str, list[int]] = {"gcphase": [], "sweepgen": [], "sweepdone": []}
        self._stops: list[int] = []
        self._index()

    def _index(self) -> None:
        last: dict[int, int] = {}
        for i, e in enumerate(self.events):
            m, ev = e["m"], e["ev"]
            if m in last:
                self._preceding[i] = last[m]
                self.following[last[m]] = i
            else:
                self.next[m] = i
            last[m] = i
            if ev == "stw_stop":
                self._stops.append(i)
            elif ev in self._changes:
                self._changes[ev].append(i)
        self._changes["sweepdone"] = sorted(self._changes["sweepdone"] + self._changes["sweepgen"])

    @property
    def gcphase(self) -> str:
        """The collector's phase."""
        return PHASES[self.heap.gcphase]

    def match(self, i: int, e: Event, expected: Event) -> None:
        """Compare an event with its prediction, which lacks ``seq``, ``m``, ``ts`` and the ambient fields.

        Raises
        ------
        Mismatch
            At the first field, in the log's order, that differs.
        """
        expected["seq"] = i
        expected.setdefault("m", e["m"])
        expected["ts"] = e["ts"]
        expected["gcphase"] = self.gcphase
        expected["sweepgen"] = self.heap.sweepgen
        expected["sweepdone"] = self.sweepdone
        if expected == e:
            return
        for key, seen in e.items():
            want = expected.get(key, ABSENT)
            if want == seen or (key in AMBIENT and self.can_show(i, key, seen)):
                continue
            if key == "st" and isinstance(want, dict):
                counter = next(name for name in seen if want[name] != seen[name])
                raise Mismatch(i, f"st.{counter}", want[counter], seen[counter])
            raise Mismatch(i, key, want, seen)
        for key, want in expected.items():
            if key not in e:
                raise Mismatch(i, key, want, ABSENT)

    def can_show(self, i: int, key: str, value: Any) -> bool:
        """Whether the ambient field of event i may show the value."""
        return bool(value == self._now(key) or value == self._coming(i, key))

    def _now(self, key: str) -> Any:
        if key == "sweepgen":
            return self.heap.sweepgen
        return self.gcphase if key == "gcphase" else self.sweepdone

    def _coming(self, i: int, key: str) -> Any:
        """The value that another thread may have given the field already, though it is recorded later, or None."""
        if key == "sweepgen" and "st" in self.events[i]:
            return None
        m = self.events[i]["m"]
        changes = self._changes[key]
        k = bisect_right(changes, i)
        if k == len(changes):
            return None
        change = self.events[changes[k]]
        if change["m"] == m or self._preceding[changes[k]] >= self.following[i]:
            return None
        if change["ev"] == "sweepdone":
            return 1
        return 0 if key == "sweepdone" else change["new"]

    def in_flight(self, m: int) -> Iterator[tuple[int, int, Event]]:
        """The other threads' next events, which may have happened in part: (thread, index, event).

        None is from behind the next stop of the world, before which everybody comes out of the heap.
        """
        k = bisect_right(self._stops, self.next[m])
        end = self._stops[k] if k < len(self._stops) else len(self.events)
        for other, j in self.next.items():
            if other != m and j < end:
                yield other, j, self.events[j]

    def coming(self, i: int, kinds: tuple[str, ...], sid: int) -> bool:
        """Whether an event of those kinds on that span, of another thread, may be half done between i and its thread's next."""
        m, until = self.events[i]["m"], self.following[i]
        for other, j in self.next.items():
            if other == m:
                continue
            while j < len(self.events):
                e = self.events[j]
                if e["ev"] in kinds and e.get("sid") == sid:
                    return True
                if j > until:
                    break
                j = self.following[j]
        return False
