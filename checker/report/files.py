"""Writing result files: complete or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from checker.errors import UsageError


def write(path: Path, text: str) -> None:
    """Write a file under a temporary name beside it, then rename it.

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as f:
                os.fchmod(handle, 0o666 & ~_umask())
                f.write(text)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as e:
        raise UsageError(f"{path} cannot be written: {e.strerror or e}; name another folder with --out") from e


def _umask() -> int:
    """What new files must not allow; the system tells only when it is set."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
