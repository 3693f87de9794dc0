"""Damaged checkpoints: always noticed, the one before used, and said so."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from checkpoint_rig import IDENTITY, newest, save, stored

from checker.errors import UnreadableInput, UsageError
from checker.search import checkpoint_file
from checker.search.checkpoint import Checkpoints

FIRST, SECOND = "checkpoint-00000001.bin", "checkpoint-00000002.bin"


@pytest.fixture
def checkpoints(tmp_path: Path) -> Iterator[Checkpoints]:
    """Two levels saved."""
    with Checkpoints(tmp_path / "c", IDENTITY) as opened:
        save(opened, 1)
        save(opened, 2)
        yield opened


def expect_the_one_before(checkpoints: Checkpoints, why: str = "") -> None:
    found = newest(checkpoints)
    assert found is not None
    level, warnings = found
    assert level == 1
    [warning] = warnings
    assert warning.startswith(f"{checkpoints.folder / SECOND} is damaged: ")
    assert warning.endswith("; the checkpoint before it is used")
    assert why in warning


def test_every_flipped_bit_is_noticed(checkpoints: Checkpoints) -> None:
    path = checkpoints.folder / SECOND
    whole = path.read_bytes()
    assert len(whole) > 200
    with path.open("r+b", buffering=0) as file:
        for at, byte in enumerate(whole):
            for bit in range(8):
                file.seek(at)
                file.write(bytes([byte ^ 1 << bit]))
                expect_the_one_before(checkpoints)
            file.seek(at)
            file.write(bytes([byte]))
    assert newest(checkpoints) == (2, ())


def test_every_truncation_and_every_tail_is_noticed(checkpoints: Checkpoints) -> None:
    path = checkpoints.folder / SECOND
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        expect_the_one_before(checkpoints)
    for tail in (b"\0", whole):
        path.write_bytes(whole + tail)
        expect_the_one_before(checkpoints, "bytes and")
    path.write_bytes(whole)
    assert newest(checkpoints) == (2, ())


def test_every_run_of_zeros_is_noticed(checkpoints: Checkpoints) -> None:
    """A crash may leave blocks of a file unwritten."""
    path = checkpoints.folder / SECOND
    whole = path.read_bytes()
    for start in range(0, len(whole) - 32):
        path.write_bytes(whole[:start] + bytes(32) + whole[start + 32 :])
        expect_the_one_before(checkpoints)


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        (Path.mkdir, "not a regular file"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to(FIRST), "symbolic links"),
        (lambda path: path.write_bytes(b""), "does not start"),
        (lambda path: path.write_bytes(b"#!/bin/sh\n" * 100), "does not start"),
    ],
    ids=["folder", "pipe", "link", "empty", "other"],
)
def test_another_kind_of_file_is_noticed(checkpoints: Checkpoints, instead: Callable[[Path], object], why: str) -> None:
    path = checkpoints.folder / SECOND
    path.unlink()
    instead(path)
    expect_the_one_before(checkpoints, why)


ROW = {"name": "a", "size": 27, "crc32": 0}


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        '{"identity": 1, "meta": {}, "sections": []}',
        json.dumps({"identity": {}, "meta": {}, "sections": []}),
        json.dumps({"identity": {}, "meta": {}, "sections": [{**ROW, "size": 26}]}),
        json.dumps({"identity": {}, "meta": {}, "sections": [{**ROW, "size": 21}, {**ROW, "size": 6}]}),
        json.dumps({"identity": {}, "meta": {}, "sections": [{**ROW, "size": 34}, {"name": "b", "size": -7, "crc32": 0}]}),
        json.dumps({"identity": {}, "meta": {}, "sections": [{**ROW, "size": "27"}]}),
        json.dumps({"identity": {}, "meta": {}, "sections": ["a"]}),
        json.dumps({"identity": {}, "meta": {}, "sections": [{"name": "a"}]}),
        '{"identity": {}, "meta": {}, "sections": [{"name": "a", "size": ' + "9" * 5000 + ', "crc32": 0}]}',
    ],
    ids=lambda text: text[:70],
)
def test_a_header_of_another_shape_is_noticed_even_with_its_checksum(checkpoints: Checkpoints, text: str) -> None:
    path = checkpoints.folder / SECOND
    whole = path.read_bytes()
    magic, version, start, _ = checkpoint_file._PLACE.unpack(whole[: checkpoint_file._PLACE.size])
    place = checkpoint_file._PLACE.pack(magic, version, start, len(text))
    preamble = place + checkpoint_file._digest(place, text.encode())
    path.write_bytes(preamble + whole[len(preamble) : start] + text.encode())
    expect_the_one_before(checkpoints, "its header is not that of a checkpoint")


def test_if_all_are_damaged_each_is_named(checkpoints: Checkpoints) -> None:
    for name in (FIRST, SECOND):
        path = checkpoints.folder / name
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UnreadableInput) as refused:
        checkpoints.load()
    message = str(refused.value)
    assert message.startswith("no checkpoint can be used: ")
    assert all(f"{checkpoints.folder / name} is damaged: " in message for name in (FIRST, SECOND))
    assert refused.value.exit_code == 150


def test_a_damaged_checkpoint_is_not_kept_in_place_of_a_whole_one(checkpoints: Checkpoints) -> None:
    (checkpoints.folder / SECOND).write_bytes(b"")
    expect_the_one_before(checkpoints)
    assert stored(checkpoints.folder) == [FIRST, SECOND]
    save(checkpoints, 2)
    assert stored(checkpoints.folder) == [FIRST, "checkpoint-00000003.bin"]
    assert newest(checkpoints) == (2, ())


def test_a_damaged_one_before_another_run_s_does_not_hide_that(checkpoints: Checkpoints) -> None:
    folder = checkpoints.folder
    (folder / SECOND).write_bytes(b"")
    checkpoints.close()
    with Checkpoints(folder, {**IDENTITY, "spec": "77aa"}) as other, pytest.raises(UsageError, match='spec is "5fe1" there'):
        other.load()


def test_what_changes_after_it_was_opened_is_noticed_when_read(checkpoints: Checkpoints) -> None:
    saved = checkpoints.load()
    assert saved is not None
    with saved, (checkpoints.folder / SECOND).open("r+b", buffering=0) as file:
        file.seek(checkpoint_file._SECTIONS_START)
        file.write(b"\xff")
        with pytest.raises(UnreadableInput, match="section 'visited' does not fit; resume again"):
            saved.read_into("visited", bytearray(saved.size("visited")))
        file.truncate(checkpoint_file._SECTIONS_START + 3)
        with pytest.raises(UnreadableInput, match="ends 18 bytes early"):
            saved.read_into("visited", bytearray(saved.size("visited")))
