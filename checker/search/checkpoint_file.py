"""The file that holds one checkpoint: a preamble, raw sections one after the other, a JSON index; every byte under a checksum.

The preamble has a fixed place and layout in every version of the format: magic, version, where the index is, and a BLAKE2b of
all this and of the index. It is written last, so a file that was not finished is no checkpoint. The index names identity, meta
and, for each section, length and CRC-32. A CRC is no proof against intent, nor is it meant to be: it finds every flipped bit
and misses other damage once in 2**32, and at 3.9 GB/s against BLAKE2b's 0.8 it does not slow the disk down.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeAlias

from checker.errors import UnreadableInput, UsageError
from checker.search.durable import create, sync

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
Bytes: TypeAlias = "bytes | bytearray | memoryview"

FORMAT_VERSION = 1
_MAGIC = b"\x89PHCKPT\n"
_PLACE = struct.Struct("<8sQQQ")  # magic, version, offset and length of the index
_DIGEST = 32
_SECTIONS_START = _PLACE.size + _DIGEST
_CHUNK = 1 << 20  # the checksum leaves a chunk in the cache for the copy to the kernel


class Damaged(Exception):
    """The file is not a whole checkpoint; the message says what is wrong with it."""


def write(path: Path, identity: Mapping[str, JSON], meta: Mapping[str, JSON], sections: Mapping[str, Iterable[Bytes]]) -> None:
    """Write a new file and wait until the disk has it; on any failure it may be left unfinished.

    Raises
    ------
    OSError
        The file exists or cannot be written.
    """
    with create(path) as file:
        file.seek(_SECTIONS_START)
        table = [{"name": name, **_append(file, pieces)} for name, pieces in sections.items()]
        index = json.dumps({"identity": identity, "meta": meta, "sections": table}, allow_nan=False).encode()
        place = _PLACE.pack(_MAGIC, FORMAT_VERSION, file.tell(), len(index))
        _write_all(file, index)
        file.seek(0)
        _write_all(file, place + _digest(place, index))
        sync(file.fileno())


class Saved:
    """An open checkpoint whose every byte was checked; a context manager that closes the file.

    Parameters
    ----------
    path : Path
        The file.

    Attributes
    ----------
    identity, meta : dict
        What was saved.
    warnings : tuple of str
        Newer checkpoints that were passed over, and why; to be shown to the user.

    Raises
    ------
    Damaged
        The file is cut short, altered, unreadable or something else.
    UsageError
        It is whole and of another version of the format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: tuple[str, ...] = ()
        try:
            self._file = _open(path)
        except OSError as error:
            raise Damaged(error.strerror or str(error)) from error
        try:
            self.identity, self.meta, self._sections = _index(path, self._file)
            for name, (start, size, checksum) in self._sections.items():
                _check(name, checksum, _chunks(self._file, start, memoryview(bytearray(_CHUNK)), size))
        except OSError as error:
            self.close()
            raise Damaged(error.strerror or str(error)) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Saved:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def size(self, name: str) -> int:
        """Bytes of a section; KeyError if there is none of that name."""
        return self._sections[name][1]

    def read_into(self, name: str, buffer: bytearray | memoryview) -> None:
        """Fill a buffer of exactly the section's size, and check again what arrived in it.

        Raises
        ------
        UnreadableInput
            The file changed since it was opened, or the disk fails; the buffer's contents are then undefined.
        """
        start, size, checksum = self._sections[name]
        target = memoryview(buffer).cast("B")
        if len(target) != size:
            raise ValueError(f"a buffer of {len(target)} bytes for section {name!r} of {size}")
        try:
            _check(name, checksum, _chunks(self._file, start, target, size))
        except (OSError, Damaged) as error:
            raise UnreadableInput(f"{self.path} was whole when opened and cannot be read now: {error}; resume again") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _append(file: BinaryIO, pieces: Iterable[Bytes]) -> dict[str, JSON]:
    """Write one section; its length and checksum."""
    size = checksum = 0
    for piece in pieces:
        whole = memoryview(piece).cast("B")
        for at in range(0, len(whole), _CHUNK):
            chunk = whole[at : at + _CHUNK]
            checksum = zlib.crc32(chunk, checksum)
            _write_all(file, chunk)
        size += len(whole)
    return {"size": size, "crc32": checksum}


def _write_all(file: BinaryIO, data: Bytes) -> None:
    """Write to an unbuffered file, which may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _digest(place: bytes, index: bytes) -> bytes:
    """The checksum in the preamble."""
    return hashlib.blake2b(place + index, digest_size=_DIGEST).digest()


def _open(path: Path) -> BinaryIO:
    """Open a regular file; a link is not followed and a pipe not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Damaged("it is not a regular file")
    return open(descriptor, "rb", buffering=0)


def _index(path: Path, file: BinaryIO) -> tuple[dict[str, JSON], dict[str, JSON], dict[str, tuple[int, int, int]]]:
    """Identity, meta, and start, size and checksum of each section."""
    end = os.fstat(file.fileno()).st_size
    preamble = file.read(_SECTIONS_START)
    if len(preamble) < _SECTIONS_START or not preamble.startswith(_MAGIC):
        raise Damaged("it does not start as a checkpoint does")
    place = preamble[: _PLACE.size]
    _, version, start, size = _PLACE.unpack(place)
    if start < _SECTIONS_START or start + size != end:
        raise Damaged(f"it has {end} bytes and {start + size} were expected")
    file.seek(start)
    text = b"".join(bytes(chunk) for chunk in _chunks(file, start, memoryview(bytearray(_CHUNK)), size))
    if preamble[_PLACE.size :] != _digest(place, text):
        raise Damaged("the checksum of its header does not fit")
    if version != FORMAT_VERSION:
        raise UsageError(
            f"{path} is a checkpoint of another version of the tool: the format's version is {version} there and "
            f"{FORMAT_VERSION} here; resume with the tool that wrote it, or start again in another folder (--checkpoint)"
        )
    try:
        index = json.loads(text)
        return dict(index["identity"]), dict(index["meta"]), _table(index["sections"], start)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"its header is not that of a checkpoint: {error}") from error


def _table(rows: Sequence[Mapping[str, JSON]], end: int) -> dict[str, tuple[int, int, int]]:
    """Place the sections one after the other; together they must reach exactly to the index."""
    table: dict[str, tuple[int, int, int]] = {}
    at = _SECTIONS_START
    for row in rows:
        name, size, checksum = row["name"], row["size"], row["crc32"]
        if not (isinstance(name, str) and isinstance(size, int) and isinstance(checksum, int)) or size < 0:
            raise ValueError(f"section {row}")
        table[name] = (at, size, checksum)
        at += size
    if at != end or len(table) != len(rows):
        raise ValueError(f"the sections end at {at} and not at {end}, or have equal names")
    return table


def _chunks(file: BinaryIO, start: int, target: memoryview, size: int) -> Iterator[memoryview]:
    """Read into the target piece by piece, from its front again once it is full; each piece is valid until the next."""
    file.seek(start)
    done = 0
    while done < size:
        at = done % len(target)
        piece = target[at : at + min(_CHUNK, size - done)]
        count = file.readinto(piece)  # type: ignore[attr-defined]
        if not count:
            raise Damaged(f"it ends {size - done} bytes early")
        yield piece[:count]
        done += count


def _check(name: str, expected: int, chunks: Iterable[memoryview]) -> None:
    """Compare a section with its checksum."""
    checksum = 0
    for chunk in chunks:
        checksum = zlib.crc32(chunk, checksum)
    if checksum != expected:
        raise Damaged(f"the checksum of its section {name!r} does not fit")
