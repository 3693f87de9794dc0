"""The heap's own scenarios, at both atomicities: rates, and bytes for each state."""

from __future__ import annotations

from .ours import explore

SCENARIOS = ("quick", "coalesce", "growth", "cycles", "stacks", "default")
STATES = "400000"


def main() -> None:
    """States a second, and the memory of the search for each state, up to 400,000 states; the reference engine beside it."""
    print(f"{'scenario':<22} {'states':>9} {'states/s':>10} {'compile':>8} {'reference/s':>12} {'ratio':>6}")
    for scenario in SCENARIOS:
        for atomicity in ("lock", "fine"):
            scope = ("--scenario", scenario, "--atomicity", atomicity)
            native = explore(*scope, "--max-states", STATES, "--jobs", "1")
            python = explore(*scope, "--max-states", "8000", "--engine", "python")
            a, b = (r.states / max(r.search, 1e-9) for r in (native, python))
            print(
                f"{scenario + ' ' + atomicity:<22} {native.states:>9,} {a:>10,.0f} "
                f"{native.result['seconds']['compile']:>6.1f} s {b:>12,.0f} {a / b:>6.0f}"
            )
    for storage in ("64", "128", "exact"):
        small, large = (explore("--scenario", "default", "--storage", storage, "--max-states", n) for n in ("20000", "500000"))
        grown = large.result["peak_memory_bytes"] - small.result["peak_memory_bytes"]
        print(f"default, {storage:<5}: {grown / (large.states - small.states):5.0f} bytes more memory for each further state")
