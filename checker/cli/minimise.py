"""``checker minimise``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from checker.cli.counterexample import tell
from checker.cli.present import present_trace
from checker.cli.traces import followed, machine_for, read_trace, spec_for
from checker.errors import UsageError
from checker.minimise.budget import DEFAULT, Budget
from checker.trace.again import reproduced
from checker.trace.command import explore_command


def minimise(args: argparse.Namespace) -> int:
    """Minimise a stored trace and print the result; returns the exit code of what it shows."""
    from checker.minimise.oracle import Oracle, OracleCase
    from checker.minimise.smallest import smallest, smallest_for

    path = Path(args.trace)
    trace = read_trace(path)
    spec, variant = spec_for(trace, args.spec, args.variant)
    machine, _ = machine_for(trace, spec, path, only=True)
    done = followed(machine, trace, path)
    steps = DEFAULT if args.minimise_budget is None else args.minimise_budget
    told = None if args.quiet or args.no_progress else tell
    if args.oracle is not None:
        from checker.search.outcome import Violation

        v = done.violation or Violation("", "", "", (), done.schedule, 0)
        case = OracleCase(machine, v, Budget(steps), Oracle(args.oracle), variant=variant)
        small, interrupted = smallest_for(case, variant=variant, tell=told)
    else:
        if done.violation is None or not reproduced(trace, done):
            raise UsageError(
                f"{path}: its steps do not violate {trace.property or 'anything'} on this spec: nothing is to be minimised; "
                "name the spec and variant on which they do, or what to keep with --oracle"
            )
        small, interrupted = smallest(
            machine,
            done.violation,
            steps=steps,
            shortest=False,
            variant=variant,
            seed=trace.seed,
            native=args.engine != "python",
            tell=told,
        )
    small = replace(small, command=explore_command(small, spec=args.spec)) if small.exit else small
    present_trace(small, args)
    return interrupted or small.exit
