"""The text of ``checker prove``: a table of claims and what became of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_HEADS = ("claim", "Go function", "verdict", "time", "solver", "paths / conditions")
_INDENT = "    "


def table(document: Mapping[str, Any], width: int, *, verbose: bool) -> str:
    """Each claim's row, its statement, and what else there is to say of it.

    Parameters
    ----------
    document : mapping
        The JSON object of the run.
    width : int
        Columns of the terminal.
    verbose : bool
        All assumptions, and all conditions that a solver gave up on.
    """
    claims = document["claims"]
    rows = [_row(c) for c in claims]
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    lines = [_line(_HEADS, widths), ""]
    for c, row in zip(claims, rows, strict=True):
        lines.append(_line(row, widths) + ("" if c["ok"] else "  <- NOT AS STATED"))
        lines += _wrapped(c["statement"], width)
        for line in c["detail"].splitlines():
            lines += _wrapped(line, width)
        if c["counterexample"]:
            lines += [_INDENT + line for line in c["counterexample"]["drawn"]]
            lines += _wrapped(c["counterexample"]["reachable"], width)
        lines += _assumptions(c["assumptions"], width, verbose)
        for o in c["opinions"]:
            lines += _wrapped(_opinion(o, verbose), width)
    return "\n".join([*lines, "", ""])


def summary(document: Mapping[str, Any], cached: int, seconds: float) -> str:
    """The last lines: what became of all claims together, and what each solver confirmed."""
    claims = document["claims"]
    good, all_ = sum(c["ok"] for c in claims), sum(c["conditions"] for c in claims)
    solvers = ", ".join(dict.fromkeys(c["solver"] for c in claims if c["solver"]))
    vacuous = sum(c["vacuous"] for c in claims)
    known = f", {cached} of them known from earlier runs" if cached else ""
    lines = [
        f"{good} of {len(claims)} claims as stated{known}; {all_:,} conditions, {vacuous:,} on paths that cannot happen; "
        f"{solvers or 'no solver'}; {seconds:.1f} s; exit {document['exit']}"
    ]
    opinions = [o for c in claims for o in c["opinions"]]
    for name in dict.fromkeys(o["solver"] for o in opinions):
        of = [o for o in opinions if o["solver"] == name]
        confirmed, not_asked = sum(o["confirmed"] for o in of), sum(o["not_asked"] for o in of)
        gave_up, wrong = sum(len(o["gave_up"]) for o in of), sum(len(o["contradicted"]) for o in of)
        total = confirmed + gave_up + wrong
        share = f" ({100 * confirmed / total:.1f}%)" if total else ""
        lines.append(
            f"{name}: {confirmed:,} of {total:,} conditions confirmed{share}, {gave_up:,} given up, {wrong:,} contradicted, "
            f"{not_asked:,} outside its theory"
        )
    return "\n".join(lines) + "\n"


def _row(c: Mapping[str, Any]) -> tuple[str, ...]:
    counts = f"{c['paths'] or '-'} / {c['conditions']}" + (f" ({c['vacuous']} vacuous)" if c["vacuous"] else "")
    return c["id"], c["go"], c["verdict"], f"{c['seconds']:.2f} s", c["solver"], counts


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        f"{cell:>{w}}" if head == "time" else f"{cell:<{w}}" for head, cell, w in zip(_HEADS, cells, widths, strict=True)
    ]
    return "  ".join(aligned).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _assumptions(said: Iterable[str], width: int, verbose: bool) -> list[str]:
    text = "assumes: " + "; ".join(said)
    if text == "assumes: ":
        return []
    if verbose or len(_INDENT + text) <= width:
        return _wrapped(text, width)
    return [_INDENT + textwrap.shorten(text, width - len(_INDENT), placeholder=" ... (-v)")]


def _opinion(o: Mapping[str, Any], verbose: bool) -> str:
    parts = [f"{o['solver']}: confirmed {o['confirmed']}"]
    if o["gave_up"]:
        parts.append(f"gave up on {len(o['gave_up'])}" + (f" ({'; '.join(o['gave_up'])})" if verbose else ""))
    if o["contradicted"]:
        parts.append(f"contradicted {len(o['contradicted'])} ({'; '.join(o['contradicted'])})")
    if o["not_asked"]:
        parts.append(f"not asked about {o['not_asked']}")
    return ", ".join(parts)
