"""Recording the calls that a thread makes, for reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from opcode import opname
from types import FrameType

from checker.plain.frames import function_name, is_spec

LEVELS = 8


@dataclass(slots=True)
class Call:
    """One call of a spec function, as far as it got in a step.

    Attributes
    ----------
    name : str
        ``module.function``.
    args : tuple of str
    result : str or None
        None while it runs, and for ever if it threw.
    depth : int
        0 for the thread's own function.
    began, ended : bool
        Whether that happened in this step.
    """

    name: str
    args: tuple[str, ...]
    result: str | None
    depth: int
    began: bool
    ended: bool


class Recorder:
    """Records the outermost `LEVELS` levels of calls of one thread.

    Parameters
    ----------
    package : str
        The spec's private name.
    muted : callable
        Tells whether a property is being evaluated.
    """

    def __init__(self, package: str, muted: Callable[[], bool]) -> None:
        self._package = package
        self._muted = muted
        self._depth = 0
        self._open: list[Call] = []
        self._calls: list[Call] = []

    def begin(self) -> None:
        """A step begins."""
        for call in self._open:
            call.began = False
        self._calls = list(self._open)

    def end(self) -> tuple[Call, ...]:
        """The calls of the step that ends, in order of their beginning."""
        return tuple(replace(c) for c in self._calls)

    def profile(self, frame: FrameType, event: str, result: object) -> None:
        """What the interpreter calls at each call and return."""
        if event not in ("call", "return") or self._muted():
            return
        if not is_spec(frame, self._package) or frame.f_code.co_qualname != frame.f_code.co_name:
            return
        if event == "call":
            if self._depth < LEVELS:
                self._began(frame)
            self._depth += 1
            return
        self._depth -= 1
        if self._depth < LEVELS:
            call = self._open.pop()
            call.ended = True
            if opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN"):  # else an exception passes
                call.result = short(result)

    def _began(self, frame: FrameType) -> None:
        code = frame.f_code
        values = frame.f_locals
        args = tuple(short(values[n]) for n in code.co_varnames[: code.co_argcount])
        call = Call(function_name(frame, self._package), args, None, self._depth, True, False)
        self._open.append(call)
        self._calls.append(call)


def short(value: object) -> str:
    """A value in a word or two."""
    if isinstance(value, list):
        return f"{len(value)} cells"
    return repr(value)
