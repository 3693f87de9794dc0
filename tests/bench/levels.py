"""What a state costs as the search goes deeper and the visited set grows out of the caches."""

from __future__ import annotations

import time
from itertools import pairwise

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import Limits, Progress
from checker.search.native import NativeSearch

from .ours import MODEL

WIDE = 10_000


def main() -> None:
    """Nanoseconds for each expanded state, level by level, of the model at (7,2,1); levels of 10,000 states or more."""
    spec = load(MODEL)
    machine = Machine(spec, spec.scenarios[next(iter(spec.scenarios))], {"P": 7, "T": 2, "H": 1})
    ends: list[tuple[int, float]] = []

    def note(p: Progress) -> None:
        if p.level_done:
            ends.append((p.states, time.perf_counter()))

    outcome = NativeSearch(machine, Limits(), report=note).run()
    for depth, ((_, before), (states, now)) in enumerate(pairwise(ends), start=1):
        expanded = outcome.levels[depth]
        if expanded >= WIDE:
            cost = 1e9 * (now - before) / expanded
            print(f"level {depth:>3}  {states:>10,} states known  {cost:>6,.0f} ns for each state expanded")
