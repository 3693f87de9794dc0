"""The whole command line: its verbs and their options. Nothing that a verb needs is imported here."""

from __future__ import annotations

import argparse
from pathlib import Path

from checker.cli import graph, options


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="checker",
        description="Explore, validate and prove an executable specification of Go's 2016 page heap.",
        epilog="Exit codes: 0 nothing violated, 2 usage, 10 parameters, 11 deadlock, 12 safety, 13 liveness, 14 throw, "
        "20 incomplete, 22 gate or claim not met, 75 spec failed, 120 outside the language, 150 unreadable input, "
        "151 unreadable configuration.",
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    _explore(verbs)
    _verify(verbs)
    _simulate(verbs)
    _minimise(verbs)
    _replay(verbs)
    _validate(verbs)
    _prove(verbs)
    _gallery(verbs)
    graph.add_parser(verbs)
    return top


def _explore(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser(
        "explore",
        help="exhaustive search of one scenario, to --depth N or until no new state",
        epilog="With --symbolic, --scenario names sequences of the spec, --depth counts operations (default: 3), "
        "--max-states counts paths, and --jobs, --set, --property, --strict and --continue mean what they say.",
    )
    p.add_argument("--symbolic", action="store_true", help="sequences of operations, for all sizes and physical pages at once")
    options.spec(p)
    options.scope(p)
    options.search(p)
    options.counterexample(p)
    options.output(p)


def _verify(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser(
        "verify",
        help="the verb for CI: all scopes of a profile, one verdict",
        epilog="Reports go to --out DIR (default: .checker), which also keeps the last counterexample of each scope: it is "
        "followed first the next time. The exit code is the lowest of the violations, else 75, 130, 20, 22 or 0.",
    )
    options.spec(p)
    options.profile(p)
    options.counterexample(p)
    options.output(p)


def _simulate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser("simulate", help="random walks with a seed, for scopes too large to exhaust")
    options.spec(p)
    options.scope(p)
    options.walks(p)
    options.counterexample(p)
    options.output(p)


def _minimise(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser("minimise", help="make a stored counterexample smaller: its scope and its schedule")
    options.trace(p)
    options.spec(p)
    p.add_argument(
        "--oracle",
        metavar="CMD",
        help="keep what this command wants: it is given a trace, for {} or last, and exits with 0",
    )
    p.add_argument("--engine", choices=options.ENGINES, help="search larger scopes by machine code (native, default), or never")
    options.counterexample(p)
    options.output(p)


def _replay(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser("replay", help="run a stored counterexample again, on its own spec or on a changed one")
    options.trace(p)
    options.spec(p)
    options.fields(p)
    options.output(p)


def _validate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser("validate", help="check logs of a real heap against the spec")
    p.add_argument("logs", nargs="+", metavar="LOG", help="a gotrace-1 log, plain or gzip")
    options.spec(p)
    options.output(p)


def _prove(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser(
        "prove",
        help="run the claims of proofs/ with z3",
        epilog="z3 decides; other solvers, from the extra 'solvers', confirm. Exit codes: 0 every claim is as it is stated, "
        "22 one is not, or a solver contradicts another one.",
    )
    p.add_argument("claims", nargs="*", metavar="CLAIM", help="ids of claims; all by default")
    p.add_argument("--jobs", metavar="N", type=options._jobs, help="claims at a time, 1 to 64 (default: the cores)")
    p.add_argument(
        "--solver",
        dest="solvers",
        metavar="NAMES",
        type=lambda text: text.split(","),
        help="who is to agree: z3, and also cvc5, bitwuzla, as in z3,cvc5 (default: z3)",
    )
    p.add_argument("--export", metavar="DIR", type=Path, help="write each condition in SMT-LIB 2 to DIR/CLAIM/NNN-name.smt2")
    p.add_argument("--no-cache", action="store_true", help="decide every claim again, and keep nothing for the next run")
    options.output(p)


def _gallery(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = verbs.add_parser("gallery", help="the known bugs: each found, with a shortest counterexample")
    p.add_argument("variants", nargs="*", metavar="VARIANT", help="ids such as B02; all by default")
    p.add_argument("--spec", metavar="DIR", help="the spec package, the installed one by default")
    options.output(p)
