"""``checker simulate``."""

from __future__ import annotations

import argparse
import sys
import time

from checker.cli.counterexample import counterexample, first_run
from checker.cli.engine import NATIVE
from checker.cli.explore import machine_of, present
from checker.errors import SpecEvaluationError
from checker.report.result import result
from checker.search.breadth_first import Progress
from checker.search.simulate import Walks
from checker.search.simulate import simulate as walk

DEPTH, STEPS = 1_000, 1_000_000


class _Teller:
    """Says every second or so how far the walks are."""

    def __init__(self) -> None:
        self._next = 1.0

    def __call__(self, p: Progress) -> None:
        if p.seconds >= self._next:
            self._next = p.seconds + 1.0
            rate = p.transitions / max(p.seconds, 1e-9)
            said = f"{p.transitions:,} steps in {p.states - p.transitions:,} walks, {rate:,.0f}/s\n"
            sys.stderr.write(said)
            sys.stderr.flush()


def simulate(args: argparse.Namespace) -> int:
    """Walk at random until something is violated or the bounds are reached; returns the exit code."""
    began = time.perf_counter()
    args.reduce = None  # walks go through real states; the minimiser searches smaller scopes, with all reductions
    machine = machine_of(args)
    progress = None if args.quiet or args.no_progress else _Teller()
    walks = Walks(args.seed, args.walks, args.depth or DEPTH, args.max_steps or (None if args.walks else STEPS))
    compiled = time.perf_counter() - began
    try:
        outcome = walk(machine, walks, engine=args.engine or NATIVE, report=progress)
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {machine.scenario.name}: {e}") from e
    shown, trace, interrupted = first_run(outcome), None, 0
    if shown is not None:
        trace, interrupted = counterexample(args, machine, shown, shortest=False, seed=args.seed)
        machine.spec.parameters.reset(machine.parameters)
    seconds = {"total": time.perf_counter() - began, "compile": compiled}
    found = {
        **result(machine, outcome, seconds, strict=args.strict, trace=trace),
        "variant": args.variant,
        "seed": args.seed,
        "reductions": [],
        "walks": outcome.states - outcome.transitions,
    }
    present(found, trace, args)
    return interrupted or int(found["exit"])
