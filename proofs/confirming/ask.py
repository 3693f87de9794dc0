"""Asking a solver that runs in a process of its own, which may hang or crash without harm."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from proofs.confirming.solvers import Solver

LIMIT, GRACE = 10.0, 5.0
"""Seconds for one query, and those after which a solver that does not keep to them is ended."""
ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """That of a Python process which is to find the packages that this one has found."""
    others = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *([others] if others else [])])}


class Asking:
    """A conversation with one solver; its process starts with the first question.

    Parameters
    ----------
    solver : Solver
    limit, grace : float
        As `LIMIT` and `GRACE`.
    """

    def __init__(self, solver: Solver, limit: float = LIMIT, grace: float = GRACE) -> None:
        self.solver = solver
        self._limit, self._grace = limit, grace
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def ask(self, text: str) -> str:
        """``sat``, ``unsat``, or why neither."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        data = text.encode()
        try:
            process.stdin.write(b"%d\n" % len(data) + data)
            process.stdin.flush()
        except BrokenPipeError:
            return self._ended()
        if not select.select([process.stdout], [], [], self._limit + self._grace)[0]:
            self._end()
            return f"no answer in {self._limit + self._grace:g} s"
        line = process.stdout.readline()
        return line.decode().strip() if line.endswith(b"\n") else self._ended()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "proofs.confirming.process", self.solver.name, str(int(self._limit * 1000))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
        )
        return self._process

    def _ended(self) -> str:
        assert self._process is not None
        code = self._process.wait()
        self._end()
        return f"the solver's process ended with {code}"

    def _end(self) -> None:
        """End the process, if there is one; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
