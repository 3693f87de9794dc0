"""``checker explore --symbolic``."""

from __future__ import annotations

import argparse
import shlex
import sys
import time

from checker.check import selected, usable_cores
from checker.cli.options import load_spec, parameters
from checker.cli.show import show
from checker.errors import AssumptionError, UsageError
from checker.load import Spec
from checker.symbolic.exploration.explore import explore
from checker.symbolic.exploration.report import as_text, result
from checker.symbolic.exploration.search import Exploration
from spec.language import ParameterError, Sequences

DEPTH = 3
"""Operations, unless ``--depth`` says otherwise."""

_OTHER = (
    "without",
    "engine",
    "storage",
    "checkpoint",
    "checkpoint_every",
    "resume",
    "reduce",
    "memory",
    "atomicity",
    "checked",
)
"""Options of the search over states, which mean nothing here."""


def explore_symbolic(args: argparse.Namespace) -> int:
    """Explore sequences of operations for all sizes at once and print the result; returns the exit code."""
    began = time.perf_counter()
    for name in _OTHER:
        if getattr(args, name):
            raise UsageError(f"--{name.replace('_', '-')} is about states; it does not go with --symbolic")
    loaded = load_spec(args.spec, args.variant)
    sequences = choose_sequences(loaded, args.scenario)
    try:
        x = Exploration(
            loaded,
            sequences,
            parameters(loaded, args.settings),
            properties=selected(loaded, args.properties),
            strict=args.strict,
        )
    except ParameterError as e:
        raise AssumptionError(str(e)) from e
    depth = DEPTH if args.depth is None else args.depth
    found = explore(
        x,
        depth,
        jobs=args.jobs or usable_cores(),
        most=args.max_states,
        go_on=args.go_on,
        tell=None if args.quiet or args.no_progress else _tell,
    )
    out = {**result(x, found, depth, time.perf_counter() - began), "variant": args.variant, "command": _command(args, x, depth)}
    show(out, args, as_text(out, verbose=args.verbose))
    return int(out["exit"])


def choose_sequences(loaded: Spec, name: str | None) -> Sequences:
    """The sequences that the options name, or the spec's only ones.

    Raises
    ------
    UsageError
        There are none of that name, or several and none was named.
    """
    known = "; ".join(f"{s.name} ({s.purpose})" for s in loaded.sequences.values())
    if name is None and len(loaded.sequences) == 1:
        return next(iter(loaded.sequences.values()))
    if name is None or name not in loaded.sequences:
        said = "name one" if name is None else f"no sequences {name!r}"
        raise UsageError(f"{said}: --symbolic takes --scenario with sequences of this spec, which has: {known or 'none'}")
    return loaded.sequences[name]


def _tell(line: str) -> None:
    sys.stderr.write(f"explore: {line}\n")
    sys.stderr.flush()


def _command(args: argparse.Namespace, x: Exploration, depth: int) -> str:
    """The command that gives this result again."""
    words = ["checker", "explore", "--symbolic", "--scenario", x.sequences.name, "--depth", str(depth)]
    for option, value in (("--spec", args.spec), ("--variant", args.variant)):
        words += [option, str(value)] if value is not None else []
    for key, text in args.settings.items():
        words += ["--set", f"{key}={text}"]
    for id in args.properties or ():
        words += ["--property", id]
    return shlex.join([*words, *(["--strict"] if args.strict else [])])
