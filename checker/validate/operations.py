"""Running the spec's operations of all threads of a log side by side: one greenlet for each operation under way.

An operation runs from one report to the next: what it records goes to its own queue, and it pauses wherever the log
may let another thread go on. Which thread goes on next is the log's; what it does then is the spec's.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from greenlet import getcurrent, greenlet

from checker.validate.ambient import Ambient
from checker.validate.log import Event
from checker.validate.verdict import Mismatch
from spec.language import Lock, Throw
from spec.language.runtime import Runtime, Values


@dataclass(slots=True, eq=False)
class Operation:
    """One thread's operation: a call of a spec function that has not returned.

    Attributes
    ----------
    m : int
    index : int
        The thread's event that the operation is answering, or is about to.
    request : dict
        The event that it was begun for.
    out : deque of dict
        What it has recorded and the log has not shown yet.
    span
        The span that it sweeps, from its claim to the end of the sweep.
    indexed : bool
        It is in sweepone and has yet to report its claim.
    ran_past : int or None
        The index behind the end with which it found out that nothing is left to sweep.
    swept, freed
        The span that it swept last, and whether that gave the span back.
    looking : bool
        It is about to look at spans of busy lists, whose sweep by others no lock orders.
    since : int
        Its event before that look.
    taken : tuple of int
        First page and length of the span that reclaim sweeps.
    lists : list
        The busy lists that reclaim has looked at, with its frame. ``swept_all``: then it swept without a list.
    hidden : list
        Cells that show the thread what it saw at another time, with the shown and the true value.
    active, at_lock : bool
        It is being run, or waits for the heap lock.
    """

    m: int
    index: int
    request: Event
    out: deque[Event] = field(default_factory=deque)
    done: bool = False
    error: BaseException | None = None
    glet: greenlet | None = None
    caller: greenlet | None = None
    span: Any = None
    indexed: bool = False
    ran_past: int | None = None
    swept: Any = None
    freed: bool = False
    looking: bool = False
    since: int = 0
    taken: tuple[int, int] = (0, 0)
    lists: list[tuple[FrameType, Any]] = field(default_factory=list)
    swept_all: bool = False
    hidden: list[tuple[Any, str, int, int]] = field(default_factory=list)
    active: bool = False
    at_lock: bool = False


class Operations(Runtime):
    """The runtime under which a log's operations run.

    Attributes
    ----------
    running : Operation
        Whose spec functions are executing.
    opening, closing : dict of str to callable
        By the spec function that takes or drops the heap lock: what is recorded there. Takes the operation and the function's
        frame.
    """

    def __init__(self, ambient: Ambient) -> None:
        super().__init__(ambient.machine.spec.parameters)
        self.events = ambient.events
        self.heap: Any = ambient.heap
        self.lock: Lock = ambient.heap.lock
        self.running = Operation(-1, 0, {})
        self.opening: dict[str, Callable[[Operation, FrameType], None]] = {}
        self.closing: dict[str, Callable[[Operation, FrameType], None]] = {}

    # What the walk over the log calls.

    def begin(self, m: int, i: int, function: Callable[..., Any], *args: Any) -> Operation:
        """An operation of thread m that has not run yet, for the event at i."""
        op = Operation(m, i, self.events[i])
        heap = self.heap

        def body() -> None:
            try:
                function(heap, *args)
            except Throw as e:
                op.out.append({"ev": f"throw({str(e)!r})"})
            except Exception as e:
                op.error = e
            op.done = True

        op.glet = greenlet(body)
        return op

    def call(self, m: int, i: int, function: Callable[..., Any], *args: Any) -> Operation:
        """Run an operation that cannot be interrupted, in one go; its events, with a last one that no log has if it throws."""
        op = Operation(m, i, self.events[i], done=True)
        before, self.running = self.running, op
        try:
            function(self.heap, *args)
        except Throw as e:
            op.out.append({"ev": f"throw({str(e)!r})"})
        finally:
            self.running = before
        return op

    def resume(self, op: Operation, i: int) -> None:
        """Let an operation run, up to its next pause, for its thread's event at i."""
        assert op.glet is not None
        op.index = i
        before, self.running = self.running, op
        op.caller = op.glet.parent = getcurrent()
        op.active = True
        op.glet.switch()
        op.active = False
        self.running = before
        if op.done:
            restore(op)
            if op.error is not None:
                raise op.error

    # What the wrappers around spec functions call.

    def emit(self, event: Event) -> None:
        """The running operation records an event."""
        self.running.out.append(event)

    def pause(self) -> None:
        """Let others go on, until the log shows this thread's next event."""
        op = self.running
        if op.glet is None:
            return
        restore(op)
        assert op.caller is not None
        op.caller.switch()

    def turn(self) -> None:
        """Pause if the log has not come as far as this operation."""
        if self.running.out:
            self.pause()

    def report(self, event: Event) -> None:
        """Record an event of which others may come before the next."""
        self.emit(event)
        self.pause()

    # What spec functions call, through the language's primitives.

    def acquire(self, lock: Lock) -> None:
        """Take the heap lock when the log shows that this thread does; the other locks order nothing that is recorded."""
        if lock is not self.lock:
            super().acquire(lock)
            return
        op = self.running
        frame = sys._getframe(2)
        if op.glet is not None and (op.out or "st" not in self.events[op.index]):
            op.at_lock = True
            self.pause()
            op.at_lock = False
        if lock.owner or "st" not in self.events[op.index]:
            raise Mismatch(op.index, "ev", f"a section of m{op.m} under the heap lock", self.events[op.index]["ev"])
        lock.owner = 1
        note = self.opening.get(frame.f_code.co_name)
        if note is not None:
            note(op, frame)

    def release(self, lock: Lock) -> None:
        """Drop a lock; the section's last event shows the heap just before."""
        if lock is self.lock:
            frame = sys._getframe(2)
            restore(self.running)
            note = self.closing.get(frame.f_code.co_name)
            if note is not None:
                note(self.running, frame)
        super().release(lock)

    def wait(self, condition: Callable[[], bool], rest: bool) -> None:
        """What is waited for must have happened: the log shows this thread going on."""
        if not condition():
            i = self.running.index
            raise Mismatch(i, "ev", "another thread's event that it has to wait for", self.events[i]["ev"])

    def choose(self, ranges: tuple[range, ...], where: Callable[..., bool] | None) -> Values:
        """Only the marker chooses: what it marks no log shows, so it takes the end."""
        self.turn()
        return (ranges[0][-1], *(r[0] for r in ranges[1:]))

    def observe(self, function: Callable[..., None], arguments: tuple[object, ...]) -> None:
        """The observer's ghosts are of no use here, and slow."""


def restore(op: Operation) -> None:
    """Let cells show the present again."""
    for record, name, shown, true in op.hidden:
        if getattr(record, name) == shown:
            setattr(record, name, true)
    op.hidden.clear()
