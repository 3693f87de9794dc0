"""Object code kept between runs, in the user's cache folder.

A file's name is a hash of all that its content depends on, so nothing is ever out of date. Each file carries a checksum
of itself; one that is damaged, unreadable or not ours counts as absent. Files are written under another name and renamed:
runs at the same time do not disturb each other. A folder that cannot be written to costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

_LIMIT = 1 << 29
"""Bytes that are kept, about; beyond that the files not used for longest go."""
_CHECKSUM = 32


def folder() -> Path:
    """Where object code is kept: ``$CHECKER_CACHE``, else in the user's cache folder."""
    named = os.environ.get("CHECKER_CACHE")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "pageheap-checker"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pageheap-checker"


def name_of(*parts: str | bytes) -> str:
    """The name for what these parts determine."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        h.update(len(data).to_bytes(8, "little") + data)
    return h.hexdigest()


def read(name: str) -> bytes | None:
    """What is kept under a name, if it is there, ours and whole."""
    try:
        path = folder() / name
        with path.open("rb") as f:
            info = os.fstat(f.fileno())
            if hasattr(os, "geteuid") and (info.st_uid != os.geteuid() or info.st_mode & 0o022):
                return None  # somebody else could have written it, and it will be executed
            data = f.read()
    except (OSError, RuntimeError):  # the latter where nobody knows the user's home
        return None
    payload = data[_CHECKSUM:]
    if _checksum(name, payload) != data[:_CHECKSUM]:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return payload


def write(name: str, payload: bytes) -> None:
    """Keep something, if the folder allows it."""
    temporary = ""
    try:
        where = folder()
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=where, prefix=".new-")
        with os.fdopen(handle, "wb") as f:
            f.write(_checksum(name, payload) + payload)
        os.replace(temporary, where / name)
    except (OSError, RuntimeError):
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        return
    _prune(where)


def _checksum(name: str, payload: bytes) -> bytes:
    """Of a file's content and its name: under another name it is not whole either."""
    return hashlib.sha256(name.encode() + b"\0" + payload).digest()


def _prune(where: Path) -> None:
    """Remove the files not used for longest while there is too much; others may do the same at the same time."""
    files = []
    with contextlib.suppress(OSError):
        for path in where.iterdir():
            with contextlib.suppress(OSError):
                info = path.stat()
                files.append((info.st_mtime, info.st_size, path))
    files.sort(reverse=True)
    total = sum(size for _, size, _ in files[:1])
    for _, size, path in files[1:]:
        total += size
        if total > _LIMIT:
            with contextlib.suppress(OSError):
                path.unlink()
