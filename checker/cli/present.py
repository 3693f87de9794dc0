"""Showing one trace: text or JSON on stdout, and files where asked."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from checker.cli.show import show
from checker.report.folder import TRACE, write_page, write_trace
from checker.report.style import style_of
from checker.report.trace_text import trace_text
from checker.trace.document import document
from checker.trace.trace import Trace


def present_trace(trace: Trace, args: argparse.Namespace, more: dict[str, Any] | None = None, head: str = "") -> None:
    """Print a trace, below the text ``head``, with the JSON keys ``more`` beside it."""
    found: dict[str, Any] = {
        "verdict": "violation" if trace.exit else "ok",
        "exit": trace.exit,
        **(more or {}),
        "counterexample": document(trace),
    }
    if args.out is not None:
        found["counterexample"]["itf"] = TRACE
        write_trace(args.out, trace)
        write_page(args.out, trace)
    lines = trace_text(trace, style_of(sys.stdout, hide=args.hide, show=args.show))
    show(found, args, head + "\n".join(lines) + "\n")
