"""From a violation that a verb found to the trace that it shows and stores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from checker.check import first_run, trace_of
from checker.cli.engine import how_of
from checker.lowering.machine import Machine
from checker.report.style import inert
from checker.search.outcome import Violation
from checker.trace.trace import Trace

__all__ = ["counterexample", "first_run", "tell", "teller"]


def counterexample(
    args: argparse.Namespace, machine: Machine, violation: Violation, *, shortest: bool, seed: int | None = None
) -> tuple[Trace, int]:
    """The trace of a violation, minimised within the budget that the options give; and the exit code of an interrupt, or 0."""
    return trace_of(machine, violation, how_of(args), shortest=shortest, seed=seed, tell=teller(args))


def teller(args: argparse.Namespace) -> Callable[[str], None] | None:
    """Who is told about minimising."""
    return None if args.quiet or args.no_progress else tell


def tell(line: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"minimise: {inert(line)}\n")
    sys.stderr.flush()
