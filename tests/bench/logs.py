"""Validating logs of a real heap."""

from __future__ import annotations

import os
import time
from pathlib import Path

from checker.validate import validate

SMALL = sorted((Path(__file__).parents[1] / "data").glob("f_script-*k-p1.jsonl.gz"))


def main() -> None:
    """Events a second; the larger logs where CHECKER_TRACES names their folder."""
    folder = os.environ.get("CHECKER_TRACES")
    larger = sorted(Path(folder).glob("*.jsonl.gz")) if folder else []
    for log in [*SMALL, *(p for p in larger if not p.name.startswith("f_script"))]:
        began = time.perf_counter()
        verdict = validate(log)
        seconds = time.perf_counter() - began
        print(f"{log.name:<32} {verdict.matched:>7,} events  {verdict.matched / seconds:>8,.0f}/s")
