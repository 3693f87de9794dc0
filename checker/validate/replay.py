"""The walk over a log's events, to the end or to the first one that the spec refuses."""

from __future__ import annotations

from collections.abc import Callable

from checker.errors import SpecEvaluationError
from checker.load import Spec
from checker.validate.ambient import Ambient
from checker.validate.collector import Collector
from checker.validate.format import FIXED, PHYS_PAGE_SIZES
from checker.validate.log import Event, Log
from checker.validate.machine import Machine
from checker.validate.observe import Observer
from checker.validate.sections import Sections
from checker.validate.stacks import Stacks
from checker.validate.sweeper import Sweeper
from checker.validate.verdict import ABSENT, LogVerdict, Mismatch, refusal
from spec.language import EvaluationError
from spec.language.runtime import active

_AFTER: dict[str, tuple[str, ...]] = {
    "sweepone": ("sweep_begin",),
    "sweep_begin": ("sweep_end", "free_span_begin"),
    "free_span_end": ("sweep_end",),
    "alloc_m_end": ("zeroed",),
}
"""What a thread records next: it cannot be stopped in between, and records nothing
else; only a snapshot may come first."""


class Validator:
    """A loaded spec, watched, on which logs are replayed one after another.

    Parameters
    ----------
    spec : Spec
        Private to this validator: its functions are replaced by wrappers.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.observer = Observer(spec)

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
            machine = Machine(self.spec, log)
            self.observer.machine = machine
            with active(machine.runtime):
                Replay(log, machine, self.observer).run()
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
    """One log on one heap."""

    def __init__(self, log: Log, machine: Machine, observer: Observer) -> None:
        self.events = log.events
        self.ambient = Ambient(log, machine)
        self.collector = Collector(self.ambient)
        self.sweeper = Sweeper(self.ambient, self.collector, machine.spec.modules["size_classes"].CLASS_TO_SIZE)
        self.sweeper.parallel = log.header["gomaxprocs"]
        self.stacks = Stacks(self.ambient, self.collector)
        self.sections = Sections(self.ambient, observer, self.collector, self.sweeper, self.stacks)
        self.previous: dict[int, str] = {}
        self.handlers: dict[str, Callable[[int, Event], None]] = {
            "sweepone": self.sweeper.sweepone,
            "sweep_begin": self.sweeper.sweep_begin,
            "sweep_end": self.sweeper.sweep_end,
            "sweepdone": self.sweeper.sweepdone,
            "zeroed": self._zeroed,
            "stk_large_put": self.stacks.event,
            "stk_large_get": self.stacks.event,
            "stk_pool_defer": self.stacks.event,
        }

    def run(self) -> None:
        """Walk all events.

        Raises
        ------
        Mismatch
            At the first event that the spec refuses.
        """
        settling = self.sections.snapshots.settling
        sections, handlers, previous = self.sections, self.handlers, self.previous
        for i, e in enumerate(self.events):
            m, ev = e["m"], e["ev"]
            if settling:
                settling.pop(m, None)
            in_snapshot = ev.startswith("snap_")
            after = _AFTER.get(previous.get(m, "")) if not in_snapshot else None
            if after is not None and ev not in after:
                raise Mismatch(i, "ev", " or ".join(after), ev)
            if "st" in e or ev == "snap_span":
                sections.event(i, e)
            elif ev in handlers:
                handlers[ev](i, e)
            else:
                self.ambient.match(i, e, self.collector.advance(i, e))
            if not in_snapshot:
                previous[m] = ev
        sections.finish(len(self.events))

    def _zeroed(self, i: int, e: Event) -> None:
        """The span that a thread has just allocated is ready for its client; small ones are always asked for zeroed."""
        s = self.sections.allocated.pop(e["m"], None)
        if s is None:
            raise Mismatch(i, "ev", "alloc_m_end before it", "zeroed")
        expected = {
            "ev": "zeroed",
            "base": self.sweeper.base(s),
            "npages": s.npages,
            "want": e["want"] or s.sizeclass != 0,
            "needzero": s.needzero,
            "sid": s.number - 1,
        }
        self.ambient.match(i, e, expected)
        self.sections.snapshots.settling[e["m"]] = (s, s.needzero)
        s.needzero = 0
        if s.sizeclass == 0:
            s.alloc_count = 1
