"""The runtime under a scheduler: each scheduling point suspends the calling thread's greenlet."""

from __future__ import annotations

import sys
from collections.abc import Callable

import greenlet

from checker.load import Spec
from checker.plain.calls import Recorder
from checker.plain.ends import Ends, Failure, evaluate
from checker.plain.frames import is_spec
from checker.plain.threads import SpecThread
from spec.language import EvaluationError, Lock, Property, Racy, Throw, cas, xadd
from spec.language.runtime import Runtime, Values, _in_force

_CAS = cas.__code__
_XADD = xadd.__code__


class Scheduler(Runtime):
    """Runs the threads of a scenario one step at a time; the caller's greenlet is the hub.

    Parameters
    ----------
    spec : Spec

    Attributes
    ----------
    locks : dict
        The root's locks by name.
    ends : Ends or None
        The end-of-operation properties to evaluate.
    collected : list
        Their failures.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec.parameters)
        self.spec = spec
        self.locks: dict[str, Lock] = {}
        self.ends: Ends | None = None
        self.collected: list[Failure] = []
        self.recorders: list[Recorder] = []
        self._hub = greenlet.getcurrent()
        self._muted = True
        self._thread = SpecThread(-1, "none", lambda: None)

    # What the scheduler's user calls, in the hub.

    def start(self, thread: SpecThread, arguments: tuple[object, ...], recorded: bool) -> None:
        """Run a thread up to its first scheduling point."""

        def body() -> None:
            if recorded:
                sys.setprofile(self.recorders[thread.index].profile)
            try:
                thread.function(*arguments)
                thread.kind = "returned"
            except Throw as e:
                thread.kind, thread.error = "thrown", e
            except Exception as e:
                thread.kind, thread.error = "failed", e
            finally:
                if recorded:
                    sys.setprofile(None)

        thread.greenlet = greenlet.greenlet(body)
        if recorded:
            self.recorders.append(Recorder(self.spec.package, lambda: self._muted))
        self.resume(thread)

    def ask(self, thread: SpecThread) -> None:
        """What is evaluated next belongs to this thread: the guard that lets it go on."""
        self._thread = thread

    def resume(self, thread: SpecThread) -> None:
        """Run a thread from its scheduling point to the next; it is the caller's business that it may go on."""
        self._thread = thread
        self._muted = False
        _in_force.append(self)  # `active`, inlined: this is the inner loop
        try:
            thread.greenlet.switch()
        finally:
            _in_force.pop()
            self._muted = True

    # What the threads call, through the language's primitives.

    def thread(self) -> int:
        """The number of the running thread, or of the one whose guard is asked."""
        return self._thread.index + 1

    def observe(self, function: Callable[..., None], arguments: tuple[object, ...]) -> None:
        """Call a function of the observer: what it reads is no scheduling point."""
        muted, self._muted = self._muted, True
        try:
            function(*arguments)
        finally:
            self._muted = muted

    def _suspend(self, kind: str) -> None:
        if self._muted:
            raise EvaluationError("a scheduling point inside a guard or a property; these are evaluated at once")
        self._thread.kind = kind
        if not self.recorders:
            self._hub.switch()
            return
        recorder = self.recorders[self._thread.index]
        sys.setprofile(None)
        self._hub.switch()
        sys.setprofile(recorder.profile)

    def access(self, racy: Racy, store: bool) -> None:
        """A racy field is about to be accessed, at fine atomicity."""
        if self._muted:
            return
        if not store and racy.lock and self.locks[racy.lock].owner == self._thread.index + 1:
            return
        caller = sys._getframe(2).f_code
        if caller is _CAS or caller is _XADD:
            return
        self._suspend("store" if store else "load")

    def step(self) -> None:
        """End the step."""
        self._suspend("step")

    def before_atomic(self) -> None:
        """End the step; the next begins with the atomic operation."""
        self._suspend("atomic")

    def wait(self, condition: Callable[[], bool], rest: bool) -> None:
        """End the step; `SpecThread.ready` asks the condition."""
        self._thread.condition = condition
        self._suspend("rest" if rest else "wait")

    def choose(self, ranges: tuple[range, ...], where: Callable[..., bool] | None) -> Values:
        """End the step; the next is taken with one of the enabled values."""
        thread = self._thread
        thread.ranges, thread.where = ranges, where
        self._suspend("choose")
        return thread.chosen

    def acquire(self, lock: Lock) -> None:
        """End the step; the next is taken when the lock is free."""
        thread = self._thread
        thread.lock = lock
        self._suspend("acquire")
        lock.owner = thread.index + 1

    def release(self, lock: Lock) -> None:
        """Give the lock back and end the step."""
        if lock.owner != self._thread.index + 1:
            raise EvaluationError(f"release({lock.name}): {self._thread.name} does not hold it")
        if self.ends is not None:
            frame = sys._getframe(2)
            if is_spec(frame, self.spec.package):
                self.ends.releases(frame)
        lock.owner = 0
        self._suspend("released")

    # What ends of operations call.

    def operation_returned(self, operation: str, values: dict[str, object]) -> None:
        """An operation that ends so returns."""
        if self.ends is not None and not self._muted:
            self.ends.reached(operation, values)

    def end_property(self, prop: Property, arguments: list[object]) -> None:
        """Evaluate one end-of-operation property, within the step that ends the operation."""
        self._muted = True
        try:
            self.collected += evaluate(self.spec, prop, arguments, self.thread())
        finally:
            self._muted = False
