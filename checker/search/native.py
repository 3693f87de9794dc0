"""The native breadth-first search: Python says where a level begins and ends, machine code does all between.

What is found, and in which order, is the same as `checker.search.breadth_first` finds it, for any number of workers: see
`checker.native.kernels.level`. A counterexample is rebuilt by the reference engine from the number of each step among its
parent's successors, so it is executed a second time, independently, before it is shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from checker.lowering.machine import Machine
from checker.native.compiled import Compiled
from checker.native.context import Run
from checker.native.engine import Engine
from checker.native.kernels.noting import NOTED
from checker.native.kernels.structs import (
    DEADLOCK,
    EXACT,
    EXPAND,
    FAILED,
    FP64,
    FP128,
    GROW,
    LEVEL_DONE,
    RUNNING,
    STOPPED,
    THROW,
    TOO_MANY_STATES,
)
from checker.native.kernels.structs import Violation as Noted
from checker.native.machine import canon_of, fail, failure, initial
from checker.native.words import Words, array
from checker.search.breadth_first import Limits, Progress
from checker.search.concrete import Shown, key_of, rebuild, violation_of
from checker.search.interrupts import Interrupts
from checker.search.memory import resident_memory
from checker.search.outcome import Outcome, Violation
from checker.search.reached import Reached
from checker.search.saving import Saving
from checker.search.storage import Storage

MODES = {"64": FP64, "128": FP128, "exact": EXACT}
"""What the visited set keeps, as it is named on the command line."""

_TICK = 0.05
"""Seconds between two looks at progress, limits and interrupts."""

Seen = tuple[int, int, int]
"""A violation: level and place of the state before it (-1, -1 for state 0 itself), and its code."""


class NativeSearch:
    """One search.

    Parameters
    ----------
    machine : Machine
    limits : Limits
    go_on : bool
        Do not stop after the first level with a violation.
    report : callable, optional
        Told about progress.
    jobs : int
        Workers; the result does not depend on it.
    storage : str
        Out of `MODES`.
    checked : bool
        Check every state that is met: cells within their ranges, packing without loss, canonical forms that stay.
    saving : Saving, optional
        Where checkpoints go to, and whether to begin with the last one.
    """

    def __init__(
        self,
        machine: Machine,
        limits: Limits,
        *,
        go_on: bool = False,
        report: Callable[[Progress], None] | None = None,
        jobs: int = 1,
        storage: str = "64",
        checked: bool = False,
        saving: Saving | None = None,
    ) -> None:
        self.machine, self.limits, self.go_on, self.report = machine, limits, go_on, report
        self.outcome = Outcome(engine="native", storage=storage, jobs=jobs)
        self.compiled = Compiled(machine)
        self.seen: list[Seen] = []
        self._saving = saving
        self._keys: set[tuple[str, str]] = set()
        self._reached = Reached(machine)
        self._interrupts = Interrupts(self._stop)
        self._canon = canon_of(machine)
        self.engine = Engine(machine, self.compiled, jobs=jobs, mode=MODES[storage], canon=self._canon, checked=checked)
        self.store = Storage(self.engine, limits.memory)
        self._began, self._before = 0.0, 0

    def run(self) -> Outcome:
        """Search until closure, a bound, a violation or an interrupt; once."""
        self._began, self._before = time.perf_counter(), resident_memory()
        out = self.outcome
        try:
            with self._interrupts, ThreadPoolExecutor(out.jobs) as pool:
                self._search(pool)
            self._count()
            if self._interrupts.code and not out.exhaustive:
                out.stopped, out.interrupted = "an interrupt", self._interrupts.code
            out.violations += [self._rebuilt(*seen) for seen in self.seen]
            self._reached.conclude(out)
        finally:
            self.store.close()
            self.engine.close()
        if out.violations:
            out.verdict = "violation"
        elif out.stopped:
            out.verdict = "incomplete"
        out.seconds = time.perf_counter() - self._began
        return out

    def _search(self, pool: ThreadPoolExecutor) -> None:
        out, limits, search, saving = self.outcome, self.limits, self.engine.search, self._saving
        frontier = 1
        within = saving is not None and saving.restore(self)
        if not within:
            self._enter_initial()
        for seen in self.seen:
            self._keys.add(key_of(self.machine, self.shown(seen[2])))
        search["max_states"] = (1 << 63) if limits.states is None else limits.states
        while frontier and not (self.seen and not self.go_on):
            if not within:
                self.store.begin_level(frontier, len(out.levels))
                self.compiled.function("begin_block")(search.address)
            within = False
            bound = limits.depth is not None and out.depth >= limits.depth
            stop = bool(bound or out.stopped or self._interrupts.code)
            if saving is not None and (stop or saving.due()):
                saving.save(self)
            if stop or not self._level(pool):
                return
            out.states, out.transitions = search["states"], search["transitions"]
            self._note_violations(len(out.levels) - 1)
            frontier = search["following_count"]
            out.depth += 1 if frontier else 0
            if frontier:
                out.levels.append(frontier)
            self._tell(frontier, level_done=True)
            if frontier and search["states"] > search["max_states"]:
                out.stopped = f"more than {limits.states} states (--max-states)"
        out.exhaustive = not frontier

    def _enter_initial(self) -> None:
        """Check state 0 and make it the first level."""
        w, observer = self.engine.workers[0], Words(Run, self.engine.workers[0]["observer"])
        initial(self.machine, self.compiled, self.engine)
        status = self.compiled.function("enter_initial")(self.engine.search.address, w.address, w["state"])
        if status:
            fail(self.compiled, status, observer["detail"])
        for code in array(observer.address + NOTED, observer["failures"]):
            self._note((-1, -1, code))
        observer["failures"] = 0

    def _level(self, pool: ThreadPoolExecutor) -> bool:
        """Have the workers go through the present level; whether they came to its end."""
        search, out = self.engine.search, self.outcome
        explore = self.compiled.function("explore_level")
        while True:
            search["reason"] = RUNNING
            self._together(pool, [(explore, (search.address, w.address)) for w in self.engine.workers])
            reason = search["reason"]
            if reason == LEVEL_DONE:
                return True
            if reason == FAILED:
                first = min((w for w in self.engine.workers if w["status"]), key=lambda w: w["status_origin"])
                fail(self.compiled, first["status"], first["detail"])
            if reason == GROW and self._grow(pool):
                continue
            out.states, out.transitions = search["states"], search["transitions"]
            if reason == TOO_MANY_STATES:
                out.stopped = f"more than {self.limits.states} states (--max-states)"
            elif reason != STOPPED:
                out.stopped = f"more than {self.limits.memory or 'available'} bytes of memory (--memory)"
            if self._saving is not None and search["phase"] == EXPAND:
                self._saving.save(self)
            if out.stopped or self._interrupts.code:
                self._note_violations(len(out.levels) - 1)
                return False
            search["stop"] = 0

    def _grow(self, pool: ThreadPoolExecutor) -> bool:
        """Make the visited set larger, if there is memory for it."""
        new = self.store.grown()
        if new is not None:
            regrow = self.compiled.function("regrow")
            self._together(pool, [(regrow, (w.address, *new)) for w in self.engine.workers])
            self.store.use_grown()
        return new is not None

    def _together(self, pool: ThreadPoolExecutor, calls: list[tuple[Callable[..., int], tuple[int, ...]]]) -> None:
        """Run one call on each worker, and meanwhile look at the limits, the clock and the keyboard."""
        waiting = {pool.submit(function, *args) for function, args in calls}
        while waiting:
            try:
                _, waiting = wait(waiting, timeout=_TICK)
                if waiting:
                    self._look()
            except KeyboardInterrupt as e:
                self._interrupts.note(e)

    def _stop(self) -> None:
        self.engine.search["stop"] = 1

    def _look(self) -> None:
        limits, out, search = self.limits, self.outcome, self.engine.search
        self.store.release_consumed()
        if limits.memory is not None and resident_memory() > limits.memory:
            out.stopped = f"more than {limits.memory} bytes of memory (--memory)"
            search["stop"] = 1
        if self._saving is not None and self._saving.due():
            search["stop"] = 1
        out.states, out.transitions = search["states"], search["transitions"]
        self._tell(search["level_count"] - search["level_at"], level_done=False)

    def _tell(self, frontier: int, *, level_done: bool) -> None:
        self.outcome.memory = max(self.outcome.memory, resident_memory() - self._before)
        if self.report is not None:
            out = self.outcome
            seconds = time.perf_counter() - self._began
            self.report(Progress(out.depth, out.states, out.transitions, frontier, seconds, level_done))

    def noted(self) -> dict[int, int]:
        """What the workers saw in the present level: for each code the first place, in the order of the search."""
        found: dict[int, int] = {}
        for w in self.engine.workers:
            for i in range(w["violation_count"]):
                v = Words(Noted, w["violations"] + i * Noted.sizeof())
                found[v["code"]] = min(found.get(v["code"], v["order"]), v["order"])
        return found

    def _note_violations(self, level: int) -> None:
        """Take over what the workers saw in this level."""
        for code, order in sorted(self.noted().items(), key=lambda item: item[1]):
            self._note((level, order >> 24, code))
        for w in self.engine.workers:
            w["violation_count"] = 0

    def _note(self, seen: Seen) -> None:
        """Remember the first violation of each property and clause."""
        key = key_of(self.machine, self.shown(seen[2]))
        if key not in self._keys:
            self._keys.add(key)
            self.seen.append(seen)

    def shown(self, code: int) -> Shown:
        """What the code of a violation stands for."""
        if code & DEADLOCK:
            return None
        if code & THROW:
            end = self.compiled.exits[(code & ~THROW) - 1]
            return end.text, end.place
        return failure(self.compiled, code)

    def _rebuilt(self, level: int, parent: int, code: int) -> Violation:
        """A violation as a real run from state 0, by the reference engine."""
        machine, what = self.machine, self.shown(code)
        if parent >= 0:
            return rebuild(machine, self._path(level, parent), what)
        key = key_of(machine, what)
        return violation_of(machine, next(f for f in machine.check(machine.initial()) if key_of(machine, f) == key), ())

    def _path(self, level: int, parent: int) -> list[bytes]:
        """The canonical forms after state 0, up to a state of a level."""
        machine = self.machine
        form = machine.canonical(machine.initial())
        path = []
        for ordinal in self.store.way(level, parent):
            form = machine.canonical(machine.successors(form)[ordinal].state)
            path.append(form)
        return path

    def _count(self) -> None:
        """Add what native code counted to the counters of the machine."""
        m, totals = self.machine, self.engine.counters()
        for counts, more in zip((m.counts, m.steps_from, m.antecedents, m.explained), totals, strict=True):
            for i, n in enumerate(more):
                counts[i] += n
        self._reached.count(totals[2])
