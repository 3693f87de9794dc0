"""How executions differ, in words."""

from __future__ import annotations

from checker.lowering.graph import Position


class Different(Exception):
    """The executions differ; the message says in what."""


def cell(record: str, name: str, number: int, index: int | None) -> str:
    """A cell by its name."""
    return f"{record} {number}.{name}" + (f"[{index}]" if index is not None else "")


def point(kind: str, position: Position) -> str:
    """What a thread waits at."""
    return f"{kind!r} in {place(position)}" if position else repr(kind)


def place(position: Position) -> str:
    """A call stack."""
    return " > ".join(f"{function}:{line}" for function, line in position)
