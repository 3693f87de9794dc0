"""The shared model on this engine, on SPIN and on Rumur, in turn."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from .definition import COUNTS
from .ours import model
from .peers import Measured, MissingTool, rumur, spin

SIZE = (6, 2, 1)
ROUNDS = 5
Run = Callable[[], tuple[float, int, int, int]]
"""Seconds of the search, bytes that it took, states, transitions."""


def _ours(*options: str) -> Run:
    def run() -> tuple[float, int, int, int]:
        r = model(*SIZE, "--jobs", "1", *options)
        return r.search, r.result["search_memory_bytes"], r.states, r.result["transitions"]

    return run


def _peer(search: Callable[[], Measured]) -> Run:
    def run() -> tuple[float, int, int, int]:
        m = search()
        return m.seconds, m.peak_bytes, m.states, m.transitions

    return run


def main() -> None:
    """Search alone, one core, one run side by side.

    Invariants are checked once for each new state, in Rumur after each rule. Memory is that of the search: of the peers the
    peak of the process, of this engine what the search adds to an interpreter of some 75 MB with LLVM in it.
    """
    runs = {
        "native, 64 bits": _ours("--storage", "64"),
        "native, exact": _ours("--storage", "exact"),
        "SPIN DFS": _peer(lambda: spin(*SIZE, bfs=False)),
        "SPIN BFS": _peer(lambda: spin(*SIZE, bfs=True)),
        "Rumur": _peer(lambda: rumur(*SIZE)),
    }
    seen: dict[str, list[tuple[float, int, int, int]]] = {}
    for round_ in range(ROUNDS):
        for name, run in list(runs.items()):
            if name == "Rumur" and round_:
                continue  # it takes half a minute
            try:
                seen.setdefault(name, []).append(run())
            except MissingTool as e:
                print(f"{name:<16} skipped: {e}")
                del runs[name]
    known = [list(c.values[1:]) for c in COUNTS if c.values[0] == SIZE]
    first = median(r[0] for r in seen["native, 64 bits"])
    for name, rounds in seen.items():
        if not rounds:
            continue
        seconds, peak = median(r[0] for r in rounds), max(r[1] for r in rounds)
        agrees = "" if list(rounds[0][2:]) in known else "  DISAGREES WITH THE DEFINITION"
        print(
            f"{name:<16} {rounds[0][2]:>9,} states {rounds[0][3]:>10,} transitions  {seconds:7.2f} s  "
            f"{seconds / first:6.2f} x  {peak / 2**20:5.0f} MB{agrees}"
        )
