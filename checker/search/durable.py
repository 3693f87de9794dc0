"""Files that only their owner reads, that survive a crash once they are written, and a folder for one run at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import BinaryIO

from checker.errors import UsageError

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_LOCK = "lock"


def create(path: Path) -> BinaryIO:
    """Open a new private file for writing, unbuffered."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE), "wb", buffering=0)


def sync(descriptor: int) -> None:
    """Wait until the disk itself has the file: on macOS fsync stops at the disk's own cache."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, full)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names that were created, renamed or removed in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def claim(folder: Path) -> BinaryIO:
    """Create the folder if need be and lock it for this run, until the file is closed or the process dies with all it forked.

    Raises
    ------
    UsageError
        The folder cannot be used, or another run has it.
    """
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(_PRIVATE_FOLDER, exist_ok=True)
            sync_folder(folder.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock: BinaryIO = open(os.open(folder / _LOCK, flags, _PRIVATE_FILE), "r+b", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise UsageError(
            f"{folder} cannot hold checkpoints: {error.strerror or error}; "
            "name a folder that this user can write to (--checkpoint)"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.truncate()
        lock.write(b"%d\n" % os.getpid())
    except BlockingIOError as error:
        holder = lock.read(20).decode("ascii", "replace").strip()
        lock.close()
        raise UsageError(
            f"{folder} is in use by another run (process {holder or 'unknown'}); "
            "wait for it, or name another folder (--checkpoint)"
        ) from error
    except OSError as error:
        lock.close()
        raise UsageError(
            f"{folder} cannot be locked: {error.strerror or error}; name a folder on a local disk with room (--checkpoint)"
        ) from error
    return lock
