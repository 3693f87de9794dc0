"""The entry point: one log against one spec."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from checker.load import load
from checker.validate.log import read
from checker.validate.replay import Validator
from checker.validate.verdict import LogVerdict
from spec.language import Edit


def validate(path: Path, *, spec_dir: Path | None = None, edits: Iterable[Edit] = ()) -> LogVerdict:
    """Replay a log of a real heap on a spec.

    Parameters
    ----------
    path : Path
        A log in the format gotrace-1, plain or gzipped.
    spec_dir : Path, optional
        Folder of the spec package; the installed one by default.
    edits : iterable of Edit
        A variant's changes of the spec.

    Returns
    -------
    LogVerdict
        How far the spec matches the log, and the first event that it refuses.

    Raises
    ------
    UnreadableInput
        The file is no complete log of the format.
    LanguageError
        The spec cannot be loaded, or lacks a function that is watched.
    SpecEvaluationError
        The spec fails while being evaluated.
    """
    log = read(path)
    return Validator(load(spec_dir, edits)).judge(log)
