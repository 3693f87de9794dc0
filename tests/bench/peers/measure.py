"""Running a program for its output, its time and its memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class MissingTool(Exception):
    """A program that a peer needs is not installed."""


class PeerError(Exception):
    """A peer did not build, stopped early, or found a violation."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One complete search of the model.

    Attributes
    ----------
    tool : str
    pages, threads, held : int
        The definition's P, T and H.
    states, transitions : int
        As the definition counts them: distinct states with the initial one, enabled instances.
    seconds : float
        The search alone.
    peak_bytes : int
        The largest resident size of the searching process, hash table and stack included; not below some 10 MB, which
        the small process that starts it takes itself.
    build_seconds : float
        Generating and compiling the searching program.
    """

    tool: str
    pages: int
    threads: int
    held: int
    states: int
    transitions: int
    seconds: float
    peak_bytes: int
    build_seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program said, how it ended, and what it took."""

    code: int
    output: str
    seconds: float
    peak_bytes: int


# A forked child's peak begins with its parent's size, so a small process of its own starts the program.
_STARTER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps([done.returncode, done.stdout.decode(errors="replace"), seconds, peak]))
"""


def run(command: Sequence[str | Path], folder: Path) -> Ran:
    """Run a program to its end in a folder; ``seconds`` is the wall time of the whole process."""
    words = [sys.executable, "-I", "-S", "-c", _STARTER, *map(str, command)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    return Ran(*json.loads(done.stdout))


def build(commands: Sequence[Sequence[str | Path]], folder: Path) -> float:
    """Run the commands that make a searching program; the seconds that they took.

    Raises
    ------
    PeerError
        One fails: with its output.
    """
    seconds = 0.0
    for command in commands:
        ran = run(command, folder)
        if ran.code:
            raise PeerError(f"{' '.join(map(str, command))} ended with {ran.code}:\n{ran.output}")
        seconds += ran.seconds
    return seconds


def missing(*programs: str) -> str:
    """The programs that are not installed, in one sentence; empty if there are none."""
    absent = [p for p in programs if shutil.which(p) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def require(*programs: str) -> None:
    """Refuse if a program is not installed.

    Raises
    ------
    MissingTool
    """
    said = missing(*programs)
    if said:
        raise MissingTool(f"{said}; install it, or leave this peer out")
