"""Progress on stderr: one live line on a terminal, else a line at each level and at doubling intervals."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

from checker.search.breadth_first import Progress, peak_memory


def reporter(stream: TextIO | None = None) -> Callable[[Progress], None]:
    """A reporter for a search, by what the stream (stderr by default) and the environment allow."""
    stream = sys.stderr if stream is None else stream
    live = stream.isatty() and not (os.environ.get("CI") or os.environ.get("GITHUB_ACTIONS"))
    return _Live(stream) if live else _Plain(stream)


def _line(p: Progress) -> str:
    rate = p.states / max(p.seconds, 1e-9)
    duplicates = 100 * (1 - (p.states - 1) / p.transitions) if p.transitions else 0.0
    return (
        f"depth {p.depth}  {p.states:,} states  {duplicates:.0f}% duplicates  frontier {p.frontier:,}  "
        f"{rate:,.0f}/s  {peak_memory() / 1e6:.0f} MB"
    )


class _Live:
    """One line, rewritten at 4 Hz."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.due = 0.0

    def __call__(self, p: Progress) -> None:
        now = time.monotonic()
        ended = p.level_done and not p.frontier
        if now < self.due and not ended:
            return
        self.due = now + 0.25
        self.stream.write("\r\x1b[K" + ("" if ended else _line(p)))
        self.stream.flush()


class _Plain:
    """A line for each level of a second or more, and at doubling intervals."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.interval, self.due, self.level_began = 1.0, 1.0, 0.0

    def __call__(self, p: Progress) -> None:
        long_level = p.level_done and p.seconds - self.level_began >= 1.0
        if p.seconds >= self.due or long_level:
            if p.seconds >= self.due:
                self.interval *= 2
                self.due = p.seconds + self.interval
            self.stream.write(_line(p) + "\n")
            self.stream.flush()
        if p.level_done:
            self.level_began = p.seconds
