"""Speed of exploring and of validating: ``python tests/bench/speed.py [LOG...]`` prints figures, tests nothing.

Compare ratios of one run only: the machine is shared.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.validate import validate

SMALL = sorted((Path(__file__).parents[1] / "data").glob("f_script-*k-p1.jsonl.gz"))


def explore(scenario: str, atomicity: str, states: int) -> None:
    """Time the search of one scenario up to a number of states."""
    spec = load()
    began = time.perf_counter()
    machine = Machine(spec, spec.scenarios[scenario], {}, atomicity=atomicity)
    compiled = time.perf_counter() - began
    outcome = BreadthFirst(machine, Limits(states=states)).run()
    rate, bare = (
        outcome.states / outcome.seconds,
        Machine(spec, spec.scenarios[scenario], {}, atomicity=atomicity, properties=[]),
    )
    without = BreadthFirst(bare, Limits(states=states)).run()
    print(
        f"explore {scenario:<9} {atomicity:<4} {outcome.states:>7,} states  {rate:>7,.0f}/s  compile {compiled:4.1f} s  "
        f"{machine.size} bytes a state  without properties {without.states / without.seconds / rate:.1f} times as fast"
    )


def main(logs: list[Path]) -> None:
    """Print all figures."""
    for scenario in ("quick", "scavenge", "default"):
        for atomicity in ("lock", "fine"):
            explore(scenario, atomicity, 10_000)
    for log in logs or SMALL:
        began = time.perf_counter()
        verdict = validate(log)
        seconds = time.perf_counter() - began
        print(f"validate {log.name:<32} {verdict.matched:>6} events  {verdict.matched / seconds:>8,.0f}/s")


if __name__ == "__main__":
    main([Path(p) for p in sys.argv[1:]])
