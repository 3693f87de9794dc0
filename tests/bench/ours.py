"""Running this tool as its users do, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "tests" / "bench" / "pageheap"


@dataclass(frozen=True, slots=True)
class Explored:
    """The JSON result of one run, and the wall time of the whole process in seconds."""

    result: dict[str, Any]
    wall: float

    @property
    def search(self) -> float:
        """Seconds of the search alone."""
        return float(self.result["seconds"]["search"])

    @property
    def states(self) -> int:
        """Distinct states."""
        return int(self.result["states"])


def explore(*options: str, cache: Path | None = None) -> Explored:
    """One ``checker explore``; what it finds does not matter, that it ran does."""
    command = [sys.executable, "-m", "checker", "explore", "--format", "json", "--no-progress", *options]
    environment = {**os.environ, **({} if cache is None else {"CHECKER_CACHE": str(cache)})}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - began
    if done.returncode not in (0, 12, 20):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return Explored(json.loads(done.stdout), wall)


def model(pages: int, threads: int, held: int, *options: str) -> Explored:
    """The shared benchmark model."""
    size = ["--set", f"P={pages}", "--set", f"T={threads}", "--set", f"H={held}"]
    return explore("--spec", str(MODEL), *size, *options)
