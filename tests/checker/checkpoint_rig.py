"""A small search to checkpoint: what it saves at a level, and which level a checkpoint holds, if it holds one whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from checker.search.checkpoint import Checkpoints
from checker.search.checkpoint_file import JSON, Saved

IDENTITY: dict[str, JSON] = {"tool": "0.1.0", "spec": "5fe1", "parameters": {"pages": 4, "threads": 2}, "atomicity": "lock"}
PIECES = {"visited": (7, 5, 0, 9), "frontier": (6,)}


def sections(level: int, scale: int = 1) -> dict[str, Iterator[bytes]]:
    """Every byte tells its level, so that a mix of two is noticed."""
    return {name: (bytes([level % 251]) * (size * scale) for size in sizes) for name, sizes in PIECES.items()}


def save(checkpoints: Checkpoints, level: int, scale: int = 1) -> None:
    checkpoints.save({"level": level}, sections(level, scale))


def level_of(saved: Saved, scale: int = 1) -> int:
    """The level that is saved, after a look at every byte."""
    level = saved.meta["level"]
    assert isinstance(level, int)
    for name, sizes in PIECES.items():
        assert saved.size(name) == sum(sizes) * scale
        buffer = bytearray(saved.size(name))
        saved.read_into(name, buffer)
        assert buffer == bytes([level % 251]) * len(buffer)
    return level


def newest(checkpoints: Checkpoints, scale: int = 1) -> tuple[int, tuple[str, ...]] | None:
    """The level that a resumed run starts from, and the warnings."""
    saved = checkpoints.load()
    if saved is None:
        return None
    with saved:
        return level_of(saved, scale), saved.warnings


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")
