"""Progress on stderr: one live line on a terminal, else a line at each level and at doubling intervals."""

from __future__ import annotations

import os
import sys
import time
from itertools import pairwise
from typing import TextIO

from checker.search.breadth_first import Progress, peak_memory
from checker.search.outcome import Outcome


class Reporter:
    """Writes a line at each level, and inside long levels at doubling intervals."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.interval, self.due = 1.0, 1.0
        self.levels = [1]

    def __call__(self, p: Progress) -> None:
        """Take note of progress."""
        if p.level_done or p.seconds >= self.due:
            self.stream.write(self.line(p) + "\n")
            self.stream.flush()
        if p.seconds >= self.due:
            self.interval *= 2
            self.due = p.seconds + self.interval
        if p.level_done:
            self.levels.append(p.frontier)

    def line(self, p: Progress) -> str:
        """Depth, states, duplicates, frontier, rate, memory, and what the next level may hold."""
        rate = p.states / max(p.seconds, 1e-9)
        duplicates = 100 * (1 - (p.states - 1) / p.transitions) if p.transitions else 0.0
        last = [p.frontier, *reversed(self.levels)] if p.level_done else list(reversed(self.levels))
        ratios = [a / b for a, b in pairwise(last[:3]) if b]
        guess = sorted(round(last[0] * r) for r in ratios)
        coming = f"  next level {guess[0]:,}..{guess[-1]:,}" if guess else ""
        return (
            f"depth {p.depth}  {p.states:,} states  {duplicates:.0f}% duplicates  frontier {p.frontier:,}  "
            f"{rate:,.0f}/s  {peak_memory() / 1e6:.0f} MB{coming}"
        )

    def close(self, outcome: Outcome) -> None:
        """The last line: what was searched, how fast, and how the states lie over the depths."""
        rate = outcome.states / max(outcome.seconds, 1e-9)
        shown = outcome.levels if len(outcome.levels) <= 24 else [*outcome.levels[:12], "...", *outcome.levels[-11:]]
        self.stream.write(
            f"searched {outcome.states:,} states, {outcome.transitions:,} transitions in {outcome.seconds:.2f} s "
            f"({rate:,.0f} states/s), peak {peak_memory() / 1e6:.0f} MB; states by depth: {' '.join(map(str, shown))}\n"
        )
        self.stream.flush()


class LiveReporter(Reporter):
    """Rewrites one line at 4 Hz."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.next = 0.0

    def __call__(self, p: Progress) -> None:
        """Take note of progress."""
        now = time.monotonic()
        if now >= self.next:
            self.next = now + 0.25
            self.stream.write("\r\x1b[K" + self.line(p))
            self.stream.flush()
        if p.level_done:
            self.levels.append(p.frontier)

    def close(self, outcome: Outcome) -> None:
        """Replace the live line by the summary."""
        self.stream.write("\r\x1b[K")
        super().close(outcome)


def reporter(stream: TextIO | None = None) -> Reporter:
    """A reporter for a search, by what the stream (stderr by default) and the environment allow."""
    stream = sys.stderr if stream is None else stream
    live = stream.isatty() and not (os.environ.get("CI") or os.environ.get("GITHUB_ACTIONS"))
    return LiveReporter(stream) if live else Reporter(stream)
