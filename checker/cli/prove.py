"""``checker prove``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from checker.cli.prove_table import summary, table
from checker.cli.show import show
from checker.errors import UsageError

if TYPE_CHECKING:
    from proofs.results import Result
    from proofs.running import Running


def prove(args: argparse.Namespace) -> int:
    """Run the claims; returns 0, or 22 if one is not as it is stated."""
    from proofs.confirming.solvers import chosen as solvers
    from proofs.results import chosen
    from proofs.running import Wanted, cores, run

    began = time.monotonic()
    wanted = Wanted(
        claims=chosen(args.claims or None),
        jobs=args.jobs or cores(),
        solvers=solvers(args.solvers or ()),
        export=_folder(args.export),
        cached=not args.no_cache,
    )
    live = sys.stderr.isatty() and not (args.quiet or args.no_progress or os.environ.get("CI"))
    progress = _Progress(sys.stderr, len(wanted.claims)) if live else None
    with closing(run(wanted, progress or (lambda decided, running: None))) as results:
        try:
            done = list(results)
        finally:
            if progress:
                progress.clear()
    document = _document([r for r, _ in done])
    cached = sum(known for _, known in done)
    last = summary(document, cached, time.monotonic() - began)
    width = max(shutil.get_terminal_size((120, 0)).columns, 80)
    show(document, args, last if args.quiet else table(document, width, verbose=args.verbose) + last)
    return int(document["exit"])


class _Progress:
    """Rewrites one line: how many claims are decided, and which are being decided."""

    def __init__(self, stream: TextIO, claims: int) -> None:
        self._stream, self._claims = stream, claims

    def __call__(self, decided: int, running: Sequence[Running]) -> None:
        each = [f"{r.claim} {f'{r.done}/{r.total} ({r.by})' if r.total else '...'}" for r in running]
        line = f"{decided} of {self._claims} claims; {', '.join(each)}"
        self._stream.write("\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()

    def clear(self) -> None:
        self._stream.write("\r\x1b[K")
        self._stream.flush()


def _folder(export: Path | None) -> Path | None:
    if export is not None:
        try:
            export.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise UsageError(f"{export} cannot be made: {e.strerror or e}; name another folder with --export") from e
    return export


def _counterexample(r: Result) -> dict[str, Any] | None:
    """A heap on which a condition of an induction is broken, drawn, and what the explorer says of it."""
    if r.shown is None:
        return None
    fields = {k: v for k, v in asdict(r.shown).items() if k != "about"}
    return {**fields, "about": dict(r.shown.about), "drawn": r.shown.lines(), "reachable": r.reachable}


def _document(results: Sequence[Result]) -> dict[str, Any]:
    """The JSON object; its keys are a contract."""
    bad = any(not r.ok for r in results)
    return {
        "verdict": "gate" if bad else "ok",
        "exit": 22 if bad else 0,
        "claims": [
            {
                "id": r.id,
                "statement": r.statement,
                "go": r.go,
                "expected": r.expected,
                "verdict": r.verdict,
                "ok": r.ok,
                "seconds": round(r.seconds, 3),
                "solver": r.solver,
                "paths": r.paths,
                "conditions": r.conditions,
                "vacuous": r.vacuous,
                "detail": r.detail,
                "counterexample": _counterexample(r),
                "assumptions": list(r.assumptions),
                "opinions": [
                    {
                        "solver": o.solver,
                        "confirmed": o.confirmed,
                        "not_asked": o.not_asked,
                        "gave_up": list(o.gave_up),
                        "contradicted": list(o.contradicted),
                    }
                    for o in r.opinions
                ],
            }
            for r in results
        ],
    }
