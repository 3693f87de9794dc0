"""Parsing the command line, and turning errors into exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from checker.cli import options
from checker.cli.config import defaults
from checker.errors import CheckerError


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="checker",
        description="Explore, validate and prove an executable specification of Go's 2016 page heap.",
        epilog="Exit codes: 0 nothing violated, 2 usage, 10 parameters, 11 deadlock, 12 safety, 13 liveness, 14 throw, "
        "20 incomplete, 22 unproved claim, 75 spec failed, 120 outside the language, 150 unreadable input, "
        "151 unreadable configuration.",
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    explore = verbs.add_parser("explore", help="exhaustive search of one scenario, to --depth N or until no new state")
    options.spec(explore)
    options.scope(explore)
    options.search(explore)
    options.output(explore)
    validate = verbs.add_parser("validate", help="check logs of a real heap against the spec")
    validate.add_argument("logs", nargs="+", metavar="LOG", help="a gotrace-1 log, plain or gzip")
    options.spec(validate)
    options.output(validate)
    prove = verbs.add_parser("prove", help="run the claims of proofs/ with z3")
    prove.add_argument("claims", nargs="*", metavar="CLAIM", help="ids of claims; all by default")
    options.output(prove)
    gallery = verbs.add_parser("gallery", help="the known bugs: each found, with a shortest counterexample")
    gallery.add_argument("variants", nargs="*", metavar="VARIANT", help="ids such as B02; all by default")
    gallery.add_argument("--spec", metavar="DIR", help="the spec package, the installed one by default")
    options.output(gallery)
    return top


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        args = parser().parse_args(arguments)
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else 2
    try:
        defaults(args)
        return _verb(args)
    except CheckerError as e:
        sys.stderr.write(f"checker {args.verb}: {e}\n")
        return e.exit_code
    except KeyboardInterrupt as e:
        sys.stderr.write(f"checker {args.verb}: interrupted\n")
        return int(getattr(e, "exit_code", 130))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as e:
        import traceback

        traceback.print_exc()
        sys.stderr.write(
            f"checker {args.verb}: internal error ({type(e).__name__}: {e}); please report it with the lines above\n"
        )
        return 255


def _verb(args: argparse.Namespace) -> int:
    if args.verb == "explore":
        from checker.cli.explore import explore

        return explore(args)
    if args.verb == "validate":
        from checker.cli.validate import validate

        return validate(args)
    if args.verb == "prove":
        from checker.cli.prove import prove

        return prove(args)
    from checker.cli.gallery import gallery

    return gallery(args)
