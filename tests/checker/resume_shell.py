"""Searches as a user starts them: in a process of their own, which can be killed."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resume_rig import PAGEHEAP, files

MODEL = ("--spec", str(PAGEHEAP), "--set", "P=6", "--set", "T=2", "--set", "H=1")
"""A second of search, 625,472 states."""

VARYING = ("seconds", "states_per_second", "peak_memory_bytes", "search_memory_bytes", "jobs")
_LOOK = 0.002


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """What must not depend on disturbances."""
        found: dict[str, Any] = json.loads(self.out)
        assert found["exit"] == self.code
        assert "Traceback" not in self.err
        return {key: value for key, value in found.items() if key not in VARYING}


def begin(*words: str, program: Sequence[str] = (sys.executable, "-m", "checker")) -> subprocess.Popen[str]:
    """Start a search; progress and errors go to its stderr."""
    command = [*program, "explore", "--format", "json", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(run: subprocess.Popen[str]) -> Ended:
    """Wait for it."""
    out, err = run.communicate()
    return Ended(run.returncode, out, err)


def explore(*words: str) -> Ended:
    return end(begin(*words))


def checkpoints(folder: Path, every: int = 0) -> Sequence[str]:
    """The options for a search with checkpoints; it goes on from those that are there."""
    options = ("--checkpoint", str(folder), "--checkpoint-every", str(every))
    return (*options, "--resume") if files(folder) else options


def number(folder: Path) -> int:
    """The number of the newest checkpoint."""
    return max((int(m[1]) for f in files(folder) if (m := re.fullmatch(r"checkpoint-(\d+)\.bin", f.name))), default=0)


def at_moment(seconds: float) -> Callable[[subprocess.Popen[str]], None]:
    """Wait so long, or until the run ends."""

    def wait(run: subprocess.Popen[str]) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(seconds)

    return wait


def at_checkpoint(folder: Path, count: int) -> Callable[[subprocess.Popen[str]], None]:
    """Wait until the run has written so many checkpoints, or ends."""
    last = number(folder) + count

    def wait(run: subprocess.Popen[str]) -> None:
        while run.poll() is None and number(folder) < last:
            time.sleep(_LOOK)

    return wait


def disturb(run: subprocess.Popen[str], moment: Callable[[subprocess.Popen[str]], None], signal: int) -> Ended | None:
    """Send a signal at a moment; None if it killed the run."""
    with run:
        moment(run)
        run.send_signal(signal)
        ended = end(run)
    return None if ended.code < 0 else ended
