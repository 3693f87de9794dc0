"""The files of a result in the folder that ``--out`` names: the same bytes for the same spec and arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.errors import UsageError
from checker.report.checked import Checked
from checker.report.files import write
from checker.trace.trace import Trace

TRACE = "counterexample.itf.json"
_PASSING = frozenset(("seconds", "states_per_second", "peak_memory_bytes", "search_memory_bytes", "jobs"))
"""What of a result is different each time, or on another machine."""


def lasting(found: Mapping[str, Any]) -> dict[str, Any]:
    """A result without what depends on the machine and the moment."""
    return {k: v for k, v in found.items() if k not in _PASSING}


def write_trace(folder: Path, trace: Trace, name: str = TRACE) -> Path:
    """Store a trace.

    Raises
    ------
    UsageError
        The folder cannot be written to, or the trace is too long to be read again.
    """
    from checker.trace.itf import itf
    from checker.trace.read import MAX_BYTES

    path, text = folder / name, itf(trace)
    if len(text) > MAX_BYTES:
        raise UsageError(
            f"a run of {len(trace.steps):,} steps takes {len(text):,} bytes as a trace, more than the {MAX_BYTES:,} that can "
            "be read again; leave out --out, or let it be minimised (--minimise-budget)"
        )
    write(path, text)
    return path


def write_page(folder: Path, trace: Trace, stem: str = "counterexample") -> None:
    """Write what a person looks at: the page, and the diagram.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    from checker.report.html import render as page
    from checker.report.mermaid import mermaid

    write(folder / f"{stem}.html", page(trace))
    write(folder / f"{stem}.mmd", mermaid(trace))


def write_reports(folder: Path, checked: Sequence[Checked]) -> None:
    """Write the reports for other tools, and a page for each counterexample.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    from checker.report.junit import junit
    from checker.report.sarif import sarif

    write(folder / "results.sarif", sarif(checked))
    write(folder / "junit.xml", junit(checked))
    for c in checked:
        prefix = "" if len(checked) == 1 else f"{_safe(c.name)}."
        for i, trace in enumerate(c.traces):
            write_page(folder, trace, f"{prefix}counterexample{f'-{i + 1}' if i else ''}")


def _safe(name: str) -> str:
    """A name as part of a file's name."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)[:80]
