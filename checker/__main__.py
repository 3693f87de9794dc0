"""``checker`` and ``python -m checker``."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from checker.cli.main import run


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends a run in the same orderly way as Ctrl-C."""

    exit_code = 143


def _terminate(signum: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def main() -> None:
    """Run the command line and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
