"""Noting failed clauses while properties are evaluated: each once, so that a loop of failures cannot crowd out another's."""

from __future__ import annotations

from checker.native.context import FAILURES, Run, run_layout
from checker.native.kernels.language import Word, kernel, u64

NOTED = run_layout(0).noted


@kernel
def note_failure(run: Run, code: Word) -> Word:
    """Put a failed clause into the list unless it is there; 1 if there was no room."""
    for i in range(run.failures):
        if u64[run + NOTED + 8 * i] == code:
            return 0
    if run.failures >= FAILURES:
        return 1
    u64[run + NOTED + 8 * run.failures] = code
    run.failures += 1
    return 0
