"""Who is told how a profile gets on: a line on stderr for each scope, and one now and then inside a long one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TextIO

from checker.report.progress import LiveReporter, Reporter
from checker.report.style import inert
from checker.search.breadth_first import Progress
from checker.search.outcome import Outcome
from checker.verify.last import Last
from checker.verify.profile import Entry
from checker.verify.text import last_line, verdict_of


class Listener:
    """Says nothing."""

    def last(self, last: Last) -> None:
        """A last counterexample was followed."""

    def begin(self, entry: Entry) -> None:
        """A scope is about to be checked."""

    def reporter(self) -> Reporter | None:
        """Who is told about its search."""
        return None

    def tell(self, line: str) -> None:
        """A counterexample is being made smaller."""

    def end(self, entry: Entry, found: Mapping[str, Any]) -> None:
        """A scope is done."""


class Lines(Listener):
    """Writes lines.

    Parameters
    ----------
    progress : TextIO or None
        For all that passes; None: it is not said.
    said : TextIO
        For the last counterexamples, which are said as soon as they are known.
    scopes : int
        In the profile.
    """

    def __init__(self, progress: TextIO | None, said: TextIO, scopes: int) -> None:
        self._progress, self._said, self._scopes = progress, said, scopes
        self._done = 0
        self._name = ""

    def last(self, last: Last) -> None:
        """Say what became of it."""
        self._said.write(last_line(last) + "\n")
        self._said.flush()

    def begin(self, entry: Entry) -> None:
        """Note the name."""
        self._name = inert(entry.name)

    def reporter(self) -> Reporter | None:
        """One that names the scope and leaves its levels out."""
        if self._progress is None:
            return None
        live = self._progress.isatty() and not (os.environ.get("CI") or os.environ.get("GITHUB_ACTIONS"))
        return (_LiveNow if live else _NowAndThen)(self._progress, self._name)

    def tell(self, line: str) -> None:
        """A line."""
        self._write(f"verify: {self._name}: minimise: {inert(line)}")

    def end(self, entry: Entry, found: Mapping[str, Any]) -> None:
        """How it came out."""
        self._done += 1
        size = f"{found['states']:,} states, {found['seconds']['total']:.1f} s"
        self._write(f"[{self._done}/{self._scopes}] {self._name}: {verdict_of(found)}; {size}")

    def _write(self, line: str) -> None:
        if self._progress is not None:
            self._progress.write(line + "\n")
            self._progress.flush()


class _NowAndThen(Reporter):
    """Writes at doubling intervals only."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self._name = name

    def __call__(self, p: Progress) -> None:
        """Take note of progress."""
        super().__call__(Progress(p.depth, p.states, p.transitions, p.frontier, p.seconds, level_done=False))
        if p.level_done:
            self.levels.append(p.frontier)

    def line(self, p: Progress) -> str:
        """The same, with the name."""
        return f"verify: {self._name}: {super().line(p)}"

    def close(self, outcome: Outcome) -> None:
        """The scope has a line of its own."""


class _LiveNow(LiveReporter):
    """Rewrites one line, and leaves none behind."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self._name = name

    def line(self, p: Progress) -> str:
        """The same, with the name."""
        return f"verify: {self._name}: {super().line(p)}"

    def close(self, outcome: Outcome) -> None:
        """Clear the line."""
        self.stream.write("\r\x1b[K")
        self.stream.flush()
