"""Running a verb, and turning errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from checker.cli.config import defaults
from checker.cli.parser import parser
from checker.errors import CheckerError


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
    """Import the verb's own file, and no other's, and run it."""
    module = importlib.import_module(f"checker.cli.{args.verb}")
    verb: Callable[[argparse.Namespace], int] = getattr(module, args.verb)
    return verb(args)
