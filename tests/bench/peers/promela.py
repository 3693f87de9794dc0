"""SPIN: exact storage, no partial order reduction, depth first or breadth first."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .measure import Measured, PeerError, Ran, build, require, run

MODEL = Path(__file__).with_name("pageheap.pml")
PROGRAMS = ("spin", "gcc")
HASH_BITS = 22
"""The table has 4 M slots of 8 bytes: ample for some ten million states."""
DEPTH = 100_000
"""Steps that the depth-first stack has room for at first: its memory is taken at once, so it grows by need."""


def spin(pages: int, threads: int, held: int, *, bfs: bool = False, model: Path = MODEL) -> Measured:
    """Search the model (P, T, H) with SPIN, from a temporary folder.

    ``seconds`` is the elapsed time that pan prints, in hundredths.

    Raises
    ------
    MissingTool, PeerError
    """
    require(*PROGRAMS)
    constants = [f"-DP={pages}", f"-DT={threads}", f"-DH={held}"]
    order = ["-DBFS"] if bfs else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate: list[str | Path] = ["spin", "-a", *order, *constants, model]
        compiled = ["gcc", "-O2", "-DSAFETY", "-DNOREDUCE", *order, "-o", "pan", "pan.c"]
        seconds = build([generate, compiled], folder)
        ran = _search(folder)
    stored, transitions = _number(ran, r"(\d+) states, stored"), _number(ran, r"(\d+) transitions \(= stored\+matched\)")
    return Measured(
        tool=f"SPIN {'BFS' if bfs else 'DFS'}",
        pages=pages,
        threads=threads,
        held=held,
        states=int(stored) - 1,  # the state before init's first step, in which no heap is yet
        transitions=int(transitions) - 2,  # that step; and the first state, which pan counts as stored but nothing leads to
        seconds=_number(ran, r"elapsed time ([\d.e+-]+) seconds"),
        peak_bytes=ran.peak_bytes,
        build_seconds=seconds,
    )


def _search(folder: Path) -> Ran:
    """Run pan, deeper and deeper until its stack suffices."""
    depth = DEPTH
    while True:
        ran = run(["./pan", f"-m{depth}", f"-w{HASH_BITS}"], folder)
        if "max search depth too small" not in ran.output:
            break
        depth *= 4
    if ran.code or _number(ran, r"errors: (\d+)") or "Search not completed" in ran.output:
        raise PeerError(f"pan did not complete a search without errors; it said:\n{ran.output}")
    return ran


def _number(ran: Ran, pattern: str) -> float:
    found = re.search(pattern, ran.output)
    if found is None:
        raise PeerError(f"pan's output has no {pattern!r}; it said:\n{ran.output}")
    return float(found[1])
