"""``python -m tests.bench.peers``: what each peer needs for the model. The machine is shared: compare one run only."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from . import Measured, MissingTool, rumur, spin

Size = tuple[int, int, int]
PEERS: dict[str, Callable[[int, int, int], Measured]] = {
    "SPIN DFS": lambda p, t, h: spin(p, t, h, bfs=False),
    "SPIN BFS": lambda p, t, h: spin(p, t, h, bfs=True),
    "Rumur": rumur,
}


def _size(text: str) -> Size:
    parts = text.split(",")
    if len(parts) != 3 or not all(p.isdecimal() for p in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not P,T,H such as 6,2,1")
    p, t, h = map(int, parts)
    return p, t, h


def _row(m: Measured) -> str:
    size = f"{m.pages},{m.threads},{m.held}"
    return (
        f"{size:<8} {m.tool:<9} {m.states:>11,} states {m.transitions:>12,} transitions {m.seconds:>8.2f} s "
        f"{m.peak_bytes / 2**20:>7.0f} MB   build {m.build_seconds:.1f} s"
    )


def main() -> None:
    """Run the peers on each size and print a line for each; the best of ``--repeat`` runs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=_size, default=[(4, 2, 1)], metavar="P,T,H", help="default: 4,2,1")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="run each N times and show the fastest")
    args = parser.parse_args()
    for size in args.sizes:
        for name, peer in PEERS.items():
            try:
                print(_row(min((peer(*size) for _ in range(args.repeat)), key=lambda m: m.seconds)), flush=True)
            except MissingTool as e:
                print(f"{','.join(map(str, size)):<8} {name:<9} skipped: {e}", flush=True)


if __name__ == "__main__":
    main()
