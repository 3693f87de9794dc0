"""``checker explore``."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from typing import Any

from checker.cli.engine import decider_of, search_of
from checker.cli.options import choose_scenario, load_spec, parameters
from checker.errors import SpecEvaluationError, UsageError
from checker.load import Spec
from checker.lowering.machine import Machine
from checker.report.files import write
from checker.report.progress import reporter
from checker.report.result import result
from checker.report.text import render
from checker.search.breadth_first import Limits
from checker.search.check_liveness import check_liveness
from checker.search.outcome import NEVER
from checker.search.real_order import in_real_order
from spec.language import Property


def explore(args: argparse.Namespace) -> int:
    """Search one scenario and print the result; returns the exit code."""
    began = time.perf_counter()
    loaded = load_spec(args.spec, args.variant)
    scenario = choose_scenario(loaded, args.scenario)
    machine = Machine(
        loaded,
        scenario,
        parameters(loaded, args.settings),
        atomicity=args.atomicity or "lock",
        properties=_selected(loaded, args.properties),
        explained=not args.strict,
        reductions=args.reduce,
    )
    progress = None if args.quiet or args.no_progress else reporter()
    limits = Limits(args.depth, args.max_states, args.memory)
    try:
        with search_of(args, machine, limits, progress) as search:
            compiled = time.perf_counter() - began
            outcome = search.run()
        if args.go_on or not outcome.violations:
            check_liveness(machine, outcome, limits, reductions=args.reduce, report=progress, decider=decider_of(args))
    except SpecEvaluationError as e:
        raise SpecEvaluationError(f"the spec failed while being evaluated in scenario {scenario.name}: {e}") from e
    if progress is not None:
        progress.close(outcome)
    seconds = {"total": time.perf_counter() - began, "compile": compiled}
    shown = next((v for v in outcome.violations if v.clause != NEVER), None)
    ordered = in_real_order(machine, shown) if shown is not None else None
    found = {**result(machine, outcome, seconds, strict=args.strict, ordered=ordered), "variant": args.variant}
    found["command"] = _command(args, scenario.name, machine)
    show(found, args, render(found, verbose=args.verbose))
    return int(found["exit"])


def show(found: dict[str, Any], args: argparse.Namespace, text: str) -> None:
    """Print a result as text or JSON, and write the JSON where asked."""
    document = json.dumps(found, indent=1)
    if args.out is not None:
        write(args.out / f"{args.verb}.json", document + "\n")
    if args.format == "json":
        sys.stdout.write(document + "\n")
    else:
        sys.stdout.write(text.splitlines()[0] + "\n" if args.quiet else text)
    sys.stdout.flush()


def _selected(loaded: Spec, ids: list[str] | None) -> list[Property] | None:
    if not ids:
        return None
    known = {p.id for p in loaded.properties} | {"P6", "P26"}
    unknown = [i for i in ids if i not in known and i not in {p.name for p in loaded.properties}]
    if unknown:
        raise UsageError(f"no property {unknown[0]!r}; this spec has: {', '.join(sorted(known, key=lambda i: (len(i), i)))}")
    return [p for p in loaded.properties if p.id in ids or p.name in ids]


def _command(args: argparse.Namespace, scenario: str, machine: Machine) -> str:
    """The command that gives this result again, whatever the configuration says elsewhere."""
    words = ["checker", "explore", "--scenario", scenario, "--atomicity", machine.atomicity]
    for option, value in (("--spec", args.spec), ("--variant", args.variant), ("--depth", args.depth)):
        words += [option, str(value)] if value is not None else []
    for key, value in machine.spec.parameters.in_words(machine.parameters).items():
        words += ["--set", f"{key}={value}"] if key in args.settings else []
    for id in args.properties or ():
        words += ["--property", id]
    words += ["--reduce", ",".join(args.reduce) or "none"] if args.reduce is not None else []
    words += ["--strict"] if args.strict else []
    return shlex.join(words)
