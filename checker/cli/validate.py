"""``checker validate``."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from checker.cli.show import show
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
    began = time.perf_counter()
    verdicts = [replay(Path(log), spec_dir=where, edits=edits) for log in args.logs]
    seconds = time.perf_counter() - began
    refused = any(v.verdict != "ok" for v in verdicts)
    document: dict[str, Any] = {
        "verdict": "refused" if refused else "ok",
        "exit": 12 if refused else 0,
        "seconds": round(seconds, 3),
        "logs": [{**asdict(v), "path": str(v.path)} for v in verdicts],
    }
    matched = sum(v.matched for v in verdicts)
    rate = f"{matched:,} events in {seconds:.2f} s ({matched / max(seconds, 1e-9):,.0f}/s)\n"
    show(document, args, "".join(render(v).rstrip("\n") + "\n" for v in verdicts) + rate)
    return int(document["exit"])
