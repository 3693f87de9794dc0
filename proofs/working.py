"""The process that decides one claim, ``python -m proofs.working``.

The first line that it reads says what to do; it writes a line for each message, all in JSON. It leads a process group,
with the solvers that it starts in it, and ends the group when its own input ends: when whoever started it is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from checker.errors import CheckerError

EVERY = 0.2
"""Seconds between messages of progress."""


class _Messages:
    """Writes messages."""

    def __init__(self, handle: int) -> None:
        self._stream = os.fdopen(handle, "w", encoding="utf-8")
        self._next = 0.0

    def send(self, kind: str, content: Any) -> None:
        self._stream.write(json.dumps([kind, content]) + "\n")
        self._stream.flush()

    def found(self, digest: str) -> None:
        self.send("unsat", digest)

    def progress(self, done: int, total: int, by: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self.send("progress", [done, total, by])


def main() -> None:
    """Decide the claim."""
    messages = _Messages(os.dup(1))
    os.dup2(2, 1)  # what a claim prints is no message
    wanted = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        messages.send("result", asdict(_decide(wanted, messages)))
    except Exception as e:
        if not isinstance(e, CheckerError):
            traceback.print_exc()
        messages.send("failed", f"{type(e).__name__}: {e}")


def _decide(wanted: dict[str, Any], messages: _Messages) -> Any:
    from proofs.kernel import Work, decide
    from proofs.results import claims

    work = Work(
        known=frozenset(wanted["known"]),
        found=messages.found,
        progress=messages.progress,
        solvers=tuple(wanted["solvers"]),
        export=Path(wanted["export"]) if wanted["export"] else None,
    )
    (claim,) = claims([wanted["claim"]])
    about = {k: getattr(claim, k) for k in ("statement", "go", "expected", "assumptions")}
    messages.send("claim", about)
    result, _ = decide(claim, work)
    if result.shown is None:
        return result
    from proofs.reachable import ask

    return replace(result, reachable=ask(result.shown))


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
