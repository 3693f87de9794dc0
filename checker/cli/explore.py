"""``checker explore``."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from typing import Any

from checker.cli.counterexample import counterexample, first_run, search_words
from checker.cli.engine import decider_of, search_of
from checker.cli.options import choose_scenario, load_spec, parameters
from checker.cli.show import show
from checker.errors import SpecEvaluationError, UsageError
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.report.checked import Checked
from checker.report.folder import TRACE, write_reports, write_trace
from checker.report.progress import reporter
from checker.report.result import result
from checker.report.style import style_of
from checker.report.text import render
from checker.search.breadth_first import Limits
from checker.search.check_liveness import check_liveness
from checker.trace.trace import Trace
from spec.language import Property


def explore(args: argparse.Namespace) -> int:
    """Search one scenario and print the result; returns the exit code."""
    began = time.perf_counter()
    machine = machine_of(args)
    progress = None if args.quiet or args.no_progress else reporter()
    limits = Limits(args.depth, args.max_states, args.memory)
    try:
        with search_of(args, machine, limits, progress) as search:
            compiled = time.perf_counter() - began
            outcome = search.run()
        if args.go_on or not outcome.violations:
            check_liveness(machine, outcome, limits, reductions=args.reduce, report=progress, decider=decider_of(args))
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {machine.scenario.name}: {e}") from e
    if progress is not None:
        progress.close(outcome)
    shown, trace, interrupted = first_run(outcome), None, 0
    if shown is not None:
        trace, interrupted = counterexample(args, machine, shown, shortest=not outcome.interrupted)
        machine.spec.parameters.reset(machine.parameters)
    seconds = {"total": time.perf_counter() - began, "compile": compiled}
    found = {**result(machine, outcome, seconds, strict=args.strict, trace=trace), "variant": args.variant}
    found["command"] = _command(args, machine)
    present(found, trace, args)
    return interrupted or int(found["exit"])


def machine_of(args: argparse.Namespace) -> Machine:
    """The machine that the options name."""
    loaded = load_spec(args.spec, args.variant)
    return Machine(
        loaded,
        choose_scenario(loaded, args.scenario),
        parameters(loaded, args.settings),
        atomicity=args.atomicity or "lock",
        properties=_selected(loaded, args.properties),
        explained=not args.strict,
        reductions=args.reduce,
        without=args.without or (),
    )


def present(found: dict[str, Any], trace: Trace | None, args: argparse.Namespace) -> None:
    """Print a result and its trace, and write all files where asked."""
    if args.out is not None and trace is not None:
        found["counterexample"]["itf"] = TRACE
        write_trace(args.out, trace)
    show(found, args, render(found, trace, style=style_of(sys.stdout, hide=args.hide, show=args.show), verbose=args.verbose))
    if args.out is not None:
        write_reports(args.out, [Checked(found, () if trace is None else (trace,), found["scenario"])])


def _selected(loaded: Spec, ids: list[str] | None) -> list[Property] | None:
    if not ids:
        return None
    known = {p.id for p in loaded.properties} | {"P6", "P26"}
    unknown = [i for i in ids if i not in known and i not in {p.name for p in loaded.properties}]
    if unknown:
        raise UsageError(f"no property {unknown[0]!r}; this spec has: {', '.join(sorted(known, key=lambda i: (len(i), i)))}")
    return [p for p in loaded.properties if p.id in ids or p.name in ids]


def _command(args: argparse.Namespace, machine: Machine) -> str:
    """The command that gives this result again, whatever the configuration says elsewhere."""
    words = ["checker", "explore", "--scenario", machine.scenario.name, "--atomicity", machine.atomicity]
    for option, value in (("--spec", args.spec), ("--variant", args.variant), ("--depth", args.depth)):
        words += [option, str(value)] if value is not None else []
    for key, value in machine.spec.parameters.in_words(machine.parameters).items():
        words += ["--set", f"{key}={value}"] if key in args.settings else []
    for id in args.properties or ():
        words += ["--property", id]
    for function in args.without or ():
        words += ["--without", function]
    words += ["--strict"] if args.strict else []
    return shlex.join(words + search_words(args))
