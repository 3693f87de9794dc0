"""Markdown as GitHub shows it, made of texts that cannot do anything in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from checker.report.ci import line

_QUIET = re.compile(r"(?<=[A-Za-z0-9])[._,=-](?=[A-Za-z0-9])")
"""Signs that mean nothing between two letters or digits."""
_TRIGGER = re.compile(r"[@#:](?=[A-Za-z0-9_+-])")
"""What begins a mention, an issue or an emoji, and is in the middle of an address."""
_ADDRESS = re.compile(r"@(?=[A-Za-z0-9_+-])")
_APART = "\\g<0>\u200b"
"""With a space of no width they begin nothing."""
_WWW = re.compile(r"(www)\.", re.IGNORECASE)


def plain(text: object) -> str:
    """A text in which nothing is markup, HTML, a link, a mention or the border of a cell."""
    return _numbered(_TRIGGER.sub(_APART, line(text)))


def code(text: object) -> str:
    """A name or value in the type of code, where GitHub looks for no mentions, issues or emoji anyway."""
    return f"<code>{_numbered(_ADDRESS.sub(_APART, line(text)))}</code>" if str(text) else ""


def _numbered(said: str) -> str:
    """A text whose signs are written as numbers, so that Markdown sees none."""
    quiet = {m.start() for m in _QUIET.finditer(said)}
    out = "".join(c if c == " " or c.isalnum() or i in quiet else f"&#{ord(c)};" for i, c in enumerate(said))
    return _WWW.sub(r"\1&#46;", out)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table of cells that are Markdown."""
    return map(_row, chain([head, ["---"] * len(head)], rows))


def fence(lines: Iterable[str], language: str = "") -> list[str]:
    """Lines as they are, behind a fence longer than any run of backticks in them."""
    shown = list(lines)
    longest = max((len(run) for text in shown for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return [marks + language, *shown, marks]


def details(summary: str, body: Iterable[str]) -> list[str]:
    """A section that opens on demand; ``summary`` is Markdown of `plain` and `code`."""
    return ["<details>", f"<summary>{summary}</summary>", "", *body, "", "</details>", ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
