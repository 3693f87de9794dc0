"""``checker validate``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from checker.cli.explore import show
from checker.errors import UsageError
from checker.load import load
from spec.language import Edit


def validate(args: argparse.Namespace) -> int:
    """Replay logs on the plain heap; returns 0, or 12 if the spec refuses one."""
    from checker.validate import render
    from checker.validate import validate as replay

    where = Path(args.spec) if args.spec else None
    edits: tuple[Edit, ...] = ()
    if args.variant is not None:
        variants = load(where).variants
        if args.variant not in variants:
            raise UsageError(f"no variant {args.variant!r}; this spec has: {', '.join(variants) or 'none'}")
        edits = variants[args.variant].edits
    verdicts = [replay(Path(log), spec_dir=where, edits=edits) for log in args.logs]
    refused = any(v.verdict != "ok" for v in verdicts)
    document: dict[str, Any] = {
        "verdict": "refused" if refused else "ok",
        "exit": 12 if refused else 0,
        "logs": [{**asdict(v), "path": str(v.path)} for v in verdicts],
    }
    show(document, args, "".join(render(v).rstrip("\n") + "\n" for v in verdicts))
    return int(document["exit"])
