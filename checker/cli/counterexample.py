"""From a violation that a verb found to the trace that it shows and stores."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from checker.cli.engine import PYTHON
from checker.lowering.machine import Machine
from checker.minimise.budget import AUTOMATIC
from checker.minimise.smallest import smallest
from checker.report.style import inert
from checker.search.outcome import NEVER, Outcome, Violation
from checker.trace.command import explore_command
from checker.trace.trace import Trace


def first_run(outcome: Outcome) -> Violation | None:
    """The violation to report first, if one of them has a run."""
    return next((v for v in outcome.violations if v.clause != NEVER), None)


def counterexample(
    args: argparse.Namespace, machine: Machine, violation: Violation, *, shortest: bool, seed: int | None = None
) -> tuple[Trace, int]:
    """The trace of a violation, minimised within the budget that the options give; and the exit code of an interrupt, or 0."""
    steps = AUTOMATIC if args.minimise_budget is None else args.minimise_budget
    quiet = args.quiet or args.no_progress
    trace, interrupted = smallest(
        machine,
        violation,
        steps=steps,
        shortest=shortest,
        variant=args.variant or "",
        seed=seed,
        native=args.engine != PYTHON,
        tell=None if quiet else tell,
    )
    return replace(trace, command=explore_command(trace, spec=args.spec, options=search_words(args))), interrupted


def search_words(args: argparse.Namespace) -> list[str]:
    """The options, beside the scope, that decide what a search may find."""
    return ["--reduce", ",".join(args.reduce) or "none"] if getattr(args, "reduce", None) is not None else []


def tell(line: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"minimise: {inert(line)}\n")
    sys.stderr.flush()
