"""Kills runs while they save. usage: checkpoint_kills.py calls|moments FOLDER; prints what each kill left, as JSON.

A process of its own, for it forks, and the test's process has threads.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from checkpoint_rig import IDENTITY, PIECES, newest, save, stored

from checker.search.checkpoint import Checkpoints

BEGUN, SAVED = b".", b"s"
SCALE = 100_000


def at_every_call(folder: Path) -> list[dict[str, Any]]:
    """Kill at the first, second, ... call that the save of level 3 makes or returns from, Python's and C's, until none is left.

    Each begins from the same two levels, for what a killed save leaves would be more calls to the next.
    """
    before = folder / "before"
    with Checkpoints(before, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        save(checkpoints, 2)
    kills: list[dict[str, Any]] = []
    while True:
        place = Path(shutil.copytree(before, folder / str(len(kills))))
        with Checkpoints(place, IDENTITY) as checkpoints:
            child = os.fork()
            if child == 0:
                _save_until_call(checkpoints, 3, len(kills) + 1)
        _, status = os.waitpid(child, 0)
        left = stored(place)
        with Checkpoints(place, IDENTITY) as checkpoints:
            kills.append({"found": newest(checkpoints), "left": left, "cleaned": stored(place)})
        if os.WIFEXITED(status):
            return kills


def _save_until_call(checkpoints: Checkpoints, level: int, last: int) -> NoReturn:
    """Save one level and die at the given call."""
    calls = 0

    def count(_frame: FrameType, _event: str, _arg: object) -> None:
        nonlocal calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    save(checkpoints, level)
    sys.setprofile(None)
    os._exit(0)


def at_random_moments(folder: Path, seed: int, count: int) -> list[dict[str, Any]]:
    """Let a run save level after level and kill it from outside, after a number of pieces drawn by chance."""
    generator = random.Random(seed)
    kills: list[dict[str, Any]] = []
    reached = 0
    for _ in range(count):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _save_for_ever(folder, reached + 1, writing)
        os.close(writing)
        told = b""
        for _ in range(generator.randrange(3, 25)):
            told += os.read(reading, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reading, 4096):
            told += more
        os.close(reading)
        with Checkpoints(folder, IDENTITY) as checkpoints:
            found = newest(checkpoints, SCALE)
        kills.append({"promised": reached + told.count(SAVED), "found": found})
        reached = found[0] if found else 0
    return kills


def _save_for_ever(folder: Path, level: int, pipe: int) -> NoReturn:
    """Save levels, and tell of each piece and of each level that is safe."""
    with Checkpoints(folder, IDENTITY) as checkpoints:
        while True:
            checkpoints.save({"level": level}, {name: _told(level, sizes, pipe) for name, sizes in PIECES.items()})
            os.write(pipe, SAVED)
            level += 1


def _told(level: int, sizes: tuple[int, ...], pipe: int) -> Any:
    for size in sizes:
        os.write(pipe, BEGUN)
        yield bytes([level % 251]) * (size * SCALE)


if __name__ == "__main__":
    how, where = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(at_every_call(where) if how == "calls" else at_random_moments(where, seed=5, count=60)))
