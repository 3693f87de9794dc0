"""Printing a result as text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from checker.report.files import write
from checker.report.folder import lasting


def show(found: dict[str, Any], args: argparse.Namespace, text: str) -> None:
    """Print a result as text or JSON, and write the JSON where asked."""
    if args.out is not None:
        write(args.out / f"{args.verb}.json", json.dumps(lasting(found), indent=1) + "\n")
    if args.format == "json":
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.write(text.splitlines()[0] + "\n" if args.quiet else text)
    sys.stdout.flush()
