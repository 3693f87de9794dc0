"""The walk over a log's events, to the end or to the first one that the spec refuses."""

from __future__ import annotations

from collections import deque

from checker.errors import SpecEvaluationError
from checker.load import Spec
from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.format import FIXED, PHYS_PAGE_SIZES
from checker.validate.log import Event, Log
from checker.validate.machine import Machine
from checker.validate.observe import Observer
from checker.validate.operations import Operation, Operations
from checker.validate.reclaim import Reclaims
from checker.validate.requests import Requests
from checker.validate.sections import Sections
from checker.validate.snapshot import Snapshots
from checker.validate.stacks import Stacks
from checker.validate.sweeps import Sweeps
from checker.validate.verdict import ABSENT, LogVerdict, Mismatch, refusal
from spec.language import EvaluationError
from spec.language.runtime import active

_SWEEPS = ("sweepone", "sweepdone", "sweep_begin")
_CYCLE = ("stw_stop", "stw_start", "gcstart", "gcphase", "copyspans", "sweepgen", "sweep_pace")
_FINISH = ("free_stack_spans_begin", "free_stack_spans_end")
_LAST = {
    "init",
    "alloc_m_end",
    "alloc_stack_end",
    "free_span_end",
    "free_stack_end",
    "scav_end",
    "snap_end",
    "reclaim_unlock",
    "copyspans",
    "sweepgen",
    "sweep_pace",
}
"""The events after which the heap lock is free."""


class Watches:
    """The wrappers around a loaded spec's functions."""

    def __init__(self, spec: Spec) -> None:
        self.observer = Observer(spec)
        self.sweeps = Sweeps(spec)
        self.reclaims = Reclaims(spec, self.sweeps)
        self.collector = Collector(spec)


class Validator:
    """A loaded spec, watched, on which logs are replayed one after another.

    Parameters
    ----------
    spec : Spec
        Private to this validator: its functions are replaced by wrappers.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.watches = Watches(spec)

    def judge(self, log: Log) -> LogVerdict:
        """Replay a log.

        Raises
        ------
        UnreadableInput
            The header's parameters are none that the spec allows.
        SpecEvaluationError
            The spec fails while being evaluated.
        """
        try:
            _check_header(log)
            replay = Replay(log, Machine(self.spec, log), self.watches)
            with active(replay.operations):
                replay.run()
        except Mismatch as mismatch:
            return refusal(log.path, log.events, mismatch)
        except EvaluationError as e:
            raise SpecEvaluationError(f"{log.path}: the spec fails on this log: {e}") from e
        return LogVerdict(log.path, "ok", len(log.events), len(log.events))


def _check_header(log: Log) -> None:
    header = log.header
    for name, value in FIXED.items():
        if name in header and header[name] != value:
            raise Mismatch(-1, name, value, header[name])
    if header["phys_page_size"] not in PHYS_PAGE_SIZES:
        raise Mismatch(-1, "phys_page_size", " or ".join(map(str, PHYS_PAGE_SIZES)), header["phys_page_size"])
    if not log.events or log.events[0]["ev"] != "init":
        raise Mismatch(0, "ev", "init", log.events[0]["ev"] if log.events else ABSENT)
    for name in ("arena_start", "arena_end", "bitmap", "spans", "spans_size"):
        if header[name] != log.events[0][name]:
            raise Mismatch(0, name, header[name], log.events[0][name])


class Replay:
    """One log on one heap.

    Attributes
    ----------
    owner : int or None
        The thread that holds the heap lock, as far as the log has come.
    ops : dict of int to Operation
        Each thread's present or last operation.
    """

    def __init__(self, log: Log, machine: Machine, watches: Watches) -> None:
        self.events = log.events
        self.ambient = ambient = Ambient(log, machine)
        self.operations = operations = Operations(ambient)
        self.collector, self.sweeps, self.reclaims = watches.collector, watches.sweeps, watches.reclaims
        watches.observer.start(ambient, operations)
        self.sweeps.start(ambient, operations, log.header["gomaxprocs"])
        self.reclaims.start(ambient, operations)
        self.collector.start(ambient, operations)
        self.sections = Sections(ambient, operations, watches.observer, self.reclaims, self.collector)
        self.stacks = Stacks(ambient, self.collector)
        self.requests = Requests(ambient, operations, self.stacks)
        self.snapshots = Snapshots(ambient, self.sweeps)
        self.snapshot: deque[Event] = deque()
        self.owner: int | None = None
        self.last: Event | None = None
        self.ops = self.sweeps.ops

    def run(self) -> None:
        """Walk all events.

        Raises
        ------
        Mismatch
            At the first event that the spec refuses.
        """
        following, upcoming, settling = self.ambient.following, self.ambient.next, self.snapshots.settling
        for i, e in enumerate(self.events):
            m, ev = e["m"], e["ev"]
            if settling:
                settling.pop(m, None)
            locked = "st" in e or ev == "snap_span"
            if locked and self.owner is not None and m != self.owner:
                raise Mismatch(i, "m", self.owner, m)
            if ev.startswith("snap_") or (locked and self.snapshot):
                self._snapshot(i, e)
            elif ev.startswith("stk_"):
                self._stacks(i, e)
            else:
                self._event(i, e)
            if locked:
                self.owner = None if ev in _LAST else m
                self.last = e
            upcoming[m] = following[i]
        if self.owner is not None:
            raise Mismatch(len(self.events), "ev", self._expected(self.owner), ABSENT)

    def _event(self, i: int, e: Event) -> None:
        """Run the thread's operation until it records something, and compare."""
        ev = e["ev"]
        op = self._operation(i, e)
        while not op.out:
            if op.done:
                raise Mismatch(i, "ev", "an event that begins an operation", ev)
            if op.at_lock and "st" not in e:
                raise Mismatch(i, "ev", f"a section of m{op.m} under the heap lock", ev)
            self.operations.resume(op, i)
        expected = op.out.popleft()
        if expected["ev"] != ev:
            raise Mismatch(i, "ev", expected["ev"], ev)
        if ev == "sweepdone":
            self.ambient.sweepdone = 1
        elif ev == "sweepgen":
            self.ambient.sweepdone = 0
            self.sweeps.before_pass.clear()
        self.ambient.match(i, e, expected)
        if ev in _CYCLE or ev in _FINISH:
            self.collector.matched(e)
        elif ev == "sweep_end":
            self.reclaims.sweep_ended(i, op.swept)
        elif ev == "zeroed":
            s = self.ambient.machine.span(e["sid"])
            self.snapshots.settling[e["m"]] = s
            self.operations.resume(op, i)

    def _operation(self, i: int, e: Event) -> Operation:
        """The operation that is to record the event: the thread's, the collector's, or one that begins here."""
        m, ev = e["m"], e["ev"]
        known = self.ops.get(m)
        if known is not None and not (known.done and not known.out):
            return known
        if ev in self.requests.kinds:
            self._lock_is_free(i, ev)
            self.ops[m] = self.requests.begin(i, e)
            return self.ops[m]
        if ev == "stw_stop":
            for op in self.ops.values():
                if op.out or not op.done:
                    raise Mismatch(i, "ev", f"the end of what m{op.m} is doing", ev)
            self.sweeps.cycle = self.collector.begin(i, e)
            return self.sweeps.cycle
        stopped = self.collector.stopped_by
        cycle = self.collector.cycle
        if ev in _CYCLE or ev in _FINISH or stopped == m:
            by = self.collector.finishing if ev in _FINISH else stopped
            if m != by or cycle is None:
                raise Mismatch(i, "m", "stw_stop before it" if by is None else by, m)
            return cycle
        if ev not in _SWEEPS:
            raise Mismatch(i, "ev", "an event that begins an operation", ev)
        if stopped is not None:
            raise Mismatch(i, "m", stopped, m)
        return self.sweeps.begin(m, i)

    def _lock_is_free(self, i: int, ev: str) -> None:
        if self.owner is not None:
            raise Mismatch(i, "ev", self._expected(self.owner), ev)

    def _expected(self, m: int) -> str:
        """What a thread in a section is to record next."""
        if self.snapshot:
            return str(self.snapshot[0]["ev"])
        op = self.ops.get(m)
        return str(op.out[0]["ev"]) if op is not None and op.out else f"the rest of the section of m{m}"

    def _stacks(self, i: int, e: Event) -> None:
        """What happens to stack spans beside the heap, by a thread that is in no operation."""
        op = self.ops.get(e["m"])
        if op is not None and (op.out or not op.done):
            raise Mismatch(i, "ev", op.out[0]["ev"] if op.out else "the rest of what the thread does", e["ev"])
        self.stacks.event(i, e)

    def _snapshot(self, i: int, e: Event) -> None:
        """A snapshot, predicted whole at its first event."""
        if not self.snapshot:
            self._lock_is_free(i, e["ev"])
            if e["ev"] != "snap_begin":
                raise Mismatch(i, "ev", "snap_begin before it", e["ev"])
            self.snapshot.extend(self.snapshots.predict(i, e, self.last))
        expected = self.snapshot.popleft()
        if expected["ev"] == "snap_span" and e["ev"] == "snap_span" and expected["sid"] == e["sid"]:
            self.snapshots.settle(i, e, expected)
        elif expected["ev"] != e["ev"]:
            raise Mismatch(i, "ev", expected["ev"], e["ev"])
        self.ambient.match(i, e, expected)
