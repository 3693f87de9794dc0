"""What every event carries: the collector's phase and generation, and how an event is compared with its prediction.

The three ambient fields are read when an event is completed, without the lock that guards them. So an event may
show a change that another thread made before this thread's next event, though the change is recorded later.
"""

from __future__ import annotations

from typing import Any

from checker.validate.format import AMBIENT
from checker.validate.log import Event, Log
from checker.validate.machine import Machine
from checker.validate.verdict import ABSENT, Mismatch


class Ambient:
    """The log's events, the heap that follows them, and the ambient state as recorded so far.

    Attributes
    ----------
    header : dict
    events : list of dict
    machine : Machine
    gcphase : str
    sweepdone : int
        ``sweepgen`` is the heap's.
    """

    def __init__(self, log: Log, machine: Machine) -> None:
        self.header = log.header
        self.events = log.events
        self.machine = machine
        self.heap: Any = machine.heap
        self.gcphase = "off"
        self.sweepdone = 0

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
        until = self.next_of(m, i)
        for j in range(i + 1, len(self.events)):
            change = self.events[j]
            ev = change["ev"]
            if ev == "gcphase" and key == "gcphase":
                new: Any = change["new"]
            elif ev == "sweepgen" and key != "gcphase":
                new = change["new"] if key == "sweepgen" else 0
            elif ev == "sweepdone" and key == "sweepdone":
                new = 1
            else:
                continue
            made_by = change["m"]
            return new if made_by != m and self.previous_of(made_by, j) < until else None
        return None

    def next_of(self, m: int, i: int) -> int:
        """The index of the thread's next event after i, or the log's length."""
        events = self.events
        for j in range(i + 1, len(events)):
            if events[j]["m"] == m:
                return j
        return len(events)

    def previous_of(self, m: int, i: int) -> int:
        """The index of the thread's last event before i, or -1."""
        events = self.events
        for j in range(i - 1, -1, -1):
            if events[j]["m"] == m:
                return j
        return -1

    def coming(self, i: int, kinds: tuple[str, ...], sid: int) -> bool:
        """Whether the next event of another thread is one of those kinds on that span: it may be half done at i."""
        seen = {self.events[i]["m"]}
        until = self.next_of(self.events[i]["m"], i)
        for j in range(i + 1, len(self.events)):
            e = self.events[j]
            if e["m"] in seen:
                continue
            if j > until:
                seen.add(e["m"])
            if e["ev"] in kinds and e.get("sid") == sid:
                return True
        return False
