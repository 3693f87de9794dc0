"""``checker simulate``."""

from __future__ import annotations

import argparse
import time

from checker.cli.counterexample import counterexample, first_run
from checker.cli.explore import machine_of, present
from checker.cli.engine import NATIVE
from checker.errors import SpecEvaluationError
from checker.report.progress import reporter
from checker.report.result import result
from checker.search.simulate import Walks
from checker.search.simulate import simulate as walk

DEPTH, STEPS = 1_000, 1_000_000


def simulate(args: argparse.Namespace) -> int:
    """Walk at random until something is violated or the bounds are reached; returns the exit code."""
    began = time.perf_counter()
    args.reduce = None
    machine = machine_of(args)
    progress = None if args.quiet or args.no_progress else reporter()
    walks = Walks(args.seed, args.walks, args.depth or DEPTH, args.max_steps or (None if args.walks else STEPS))
    compiled = time.perf_counter() - began
    try:
        outcome = walk(machine, walks, engine=args.engine or NATIVE, report=progress)
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {machine.scenario.name}: {e}") from e
    if progress is not None:
        progress.close(outcome)
    shown, trace, interrupted = first_run(outcome), None, 0
    if shown is not None:
        trace, interrupted = counterexample(args, machine, shown, shortest=False, seed=args.seed)
        machine.spec.parameters.reset(machine.parameters)
    seconds = {"total": time.perf_counter() - began, "compile": compiled}
    found = {
        **result(machine, outcome, seconds, strict=args.strict, trace=trace),
        "variant": args.variant,
        "seed": args.seed,
        "walks": outcome.states - outcome.transitions,
    }
    present(found, trace, args)
    return interrupted or int(found["exit"])
