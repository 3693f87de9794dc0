"""Ctrl-C and SIGTERM as a wish that a search ends in order, not as an exception in the middle of something."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

EXIT = {signal.SIGINT: 130, signal.SIGTERM: 143}
"""The exit code that each signal asks for."""


class Interrupted(KeyboardInterrupt):
    """An interrupt that a search has noted, passed on to who asked for it, with its exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


class Interrupts:
    """While it is entered, the first signal calls ``stop``; a second one interrupts as it did before.

    Signals reach the main thread alone: elsewhere this does nothing.

    Parameters
    ----------
    stop : callable
        Asks the search to end soon; called in a signal handler.

    Attributes
    ----------
    code : int
        The exit code of the signal that has come; 0: none.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.code = 0
        self._stop = stop
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in EXIT:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._restore()

    def note(self, error: KeyboardInterrupt) -> None:
        """Take an interrupt that was raised, as in a thread or by a caller's own handler, for a signal that has come."""
        self.code = getattr(error, "exit_code", EXIT[signal.SIGINT])
        self._stop()

    def _restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.code = EXIT[signal.Signals(number)]
        self._restore()
        self._stop()
