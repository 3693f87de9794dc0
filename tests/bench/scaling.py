"""One worker against two, in turn."""

from __future__ import annotations

from statistics import median

from .ours import explore, model

ROUNDS = 5


def main() -> None:
    """Search alone with one job and with two: the model at (7,2,1), and the default scenario of the heap."""
    for name, run in (
        ("model (7,2,1)", lambda jobs: model(7, 2, 1, "--jobs", jobs)),
        ("heap default", lambda jobs: explore("--scenario", "default", "--jobs", jobs)),
    ):
        pairs = [(run("1"), run("2")) for _ in range(ROUNDS)]
        assert all(a.result["levels"] == b.result["levels"] for a, b in pairs)
        ratios = [a.search / b.search for a, b in pairs]
        one, two = median(a.search for a, _ in pairs), median(b.search for _, b in pairs)
        print(
            f"{name:<14} {pairs[0][0].states:>10,} states  one {one:6.2f} s  two {two:6.2f} s  "
            f"ratios {' '.join(f'{r:.2f}' for r in ratios)}  median {median(ratios):.2f}"
        )
