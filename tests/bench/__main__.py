"""All benchmarks: ``python -m tests.bench [SECTION ...]`` prints figures and ratios, and tests nothing.

The machine may be shared, so whatever is compared runs in turn within one section: believe the ratios, not the times.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable

from . import heap, levels, logs, peers_compared, scaling, start_up

SECTIONS: dict[str, Callable[[], None]] = {
    "peers": peers_compared.main,
    "jobs": scaling.main,
    "heap": heap.main,
    "start": start_up.main,
    "levels": levels.main,
    "logs": logs.main,
}


def main() -> None:
    """Run the sections asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"out of {', '.join(SECTIONS)}; all by default")
    args = parser.parse_args()
    unknown = [s for s in args.sections if s not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    print(f"{platform.machine()} {platform.system()}, Python {platform.python_version()}")
    for name, section in SECTIONS.items():
        if not args.sections or name in args.sections:
            print(f"\n{name}: {(section.__doc__ or '').splitlines()[0]}", flush=True)
            section()


if __name__ == "__main__":
    main()
