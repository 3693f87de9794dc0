"""How a terminal is written to: colours where it shows them, and text that cannot do anything to it."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "reverse": "7"}
LONGEST = 160
"""Characters of a name or value that are shown."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a view of a trace shows, and how.

    Attributes
    ----------
    colour : bool
    hide, show : sequence of str
        Patterns of cells: what is hidden, and what is shown although it is hidden or a ghost.
    """

    colour: bool = False
    hide: Sequence[str] = field(default=())
    show: Sequence[str] = field(default=())

    def paint(self, text: str, *names: str) -> str:
        """A text in a colour."""
        return f"\x1b[{';'.join(_CODES[n] for n in names)}m{text}\x1b[0m" if self.colour and text else text

    def shows(self, cell: str, *, ghost: bool) -> bool:
        """Whether the changes of a cell are shown."""
        if any(_fits(cell, p) for p in self.show):
            return True
        return not ghost and not any(_fits(cell, p) for p in self.hide)


def _fits(cell: str, pattern: str) -> bool:
    """Whether a path fits a pattern: * fits anything, ? one character; brackets are those of an index."""
    return fnmatch.fnmatchcase(cell, pattern.replace("[", "[[]"))


def style_of(stream: TextIO, *, hide: Sequence[str] = (), show: Sequence[str] = ()) -> Style:
    """The style for a stream: colours on a terminal that has them, unless ``NO_COLOR`` is set."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour, tuple(hide), tuple(show))


def inert(text: object) -> str:
    """A name or value as one line without control characters, cut if it is very long."""
    said = str(text)
    if len(said) > LONGEST:
        said = said[: LONGEST - 1] + "…"
    return inert_line(said)


def inert_line(text: str) -> str:
    """A whole line, of whatever length, without control characters."""
    said = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return "\\" + said if said.lstrip().startswith(("::", "##[")) else said  # else a command to who reads logs of CI
