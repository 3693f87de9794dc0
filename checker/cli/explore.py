"""``checker explore``."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from typing import Any

from checker.check import check, search_words, selected
from checker.cli.counterexample import teller
from checker.cli.engine import how_of, saving_of
from checker.cli.options import choose_scenario, load_spec, parameters
from checker.cli.show import show
from checker.lowering.machine import Machine
from checker.report.checked import Checked
from checker.report.folder import TRACE, write_reports, write_trace
from checker.report.progress import reporter
from checker.report.style import style_of
from checker.report.text import render
from checker.search.breadth_first import Limits
from checker.trace.trace import Trace


def explore(args: argparse.Namespace) -> int:
    """Search one scenario and print the result; returns the exit code."""
    if args.symbolic:
        from checker.cli.explore_symbolic import explore_symbolic

        return explore_symbolic(args)
    began = time.perf_counter()
    machine = machine_of(args)
    how = how_of(args)
    done = check(
        machine,
        Limits(args.depth, args.max_states, args.memory),
        how,
        saving=saving_of(args, machine, how),
        report=None if args.quiet or args.no_progress else reporter(),
        tell=teller(args),
        began=began,
    )
    found = {**done.result, "command": _command(args, machine)}
    present(found, done.trace, args)
    return done.interrupted or int(found["exit"])


def machine_of(args: argparse.Namespace) -> Machine:
    """The machine that the options name."""
    loaded = load_spec(args.spec, args.variant)
    return Machine(
        loaded,
        choose_scenario(loaded, args.scenario),
        parameters(loaded, args.settings),
        atomicity=args.atomicity or "lock",
        properties=selected(loaded, args.properties),
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
    return shlex.join(words + search_words(args.reduce))
