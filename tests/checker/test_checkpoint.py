"""Checkpoints: what is saved comes back, of the same run only, to its owner only, for one run at a time."""

from __future__ import annotations

import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checkpoint_rig import IDENTITY, newest, save, stored
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.errors import UsageError
from checker.search import checkpoint_file
from checker.search.checkpoint import Checkpoints
from checker.search.checkpoint_file import JSON
from checker.search.memory import Arena

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(st.text(), VALUES, max_size=4),
    st.dictionaries(st.text(), st.lists(st.binary(max_size=50), max_size=4), max_size=4),
)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, meta: dict[str, JSON], sections: dict[str, list[bytes]]) -> None:
    with Checkpoints(tmp_path_factory.mktemp("round") / "c", IDENTITY) as checkpoints:
        checkpoints.save(meta, sections)
        saved = checkpoints.load()
        assert saved is not None
        with saved:
            assert saved.meta == meta
            assert saved.warnings == ()
            for name, pieces in sections.items():
                whole = b"".join(pieces)
                assert saved.size(name) == len(whole)
                buffer = bytearray(len(whole))
                saved.read_into(name, buffer)
                assert buffer == whole
            with pytest.raises(KeyError):
                saved.size("\0 no such name")


def test_a_later_run_goes_on_from_the_newest_of_two(tmp_path: Path) -> None:
    for level in range(1, 6):
        with Checkpoints(tmp_path, IDENTITY) as checkpoints:
            assert newest(checkpoints) == ((level - 1, ()) if level > 1 else None)
            save(checkpoints, level)
    assert stored(tmp_path) == ["checkpoint-00000004.bin", "checkpoint-00000005.bin"]


def test_large_memory_is_neither_copied_to_save_nor_to_read(tmp_path: Path) -> None:
    size = 48 << 20
    with Arena(2 * size + 5) as arena, Checkpoints(tmp_path, IDENTITY) as checkpoints:
        source = arena.view(0, size)
        source[:] = os.urandom(1 << 20) * 48
        tracemalloc.start()
        checkpoints.save({}, {"all": (source, source[-5:])})
        saved = checkpoints.load()
        assert saved is not None
        with saved:
            assert saved.size("all") == size + 5
            target = arena.view(size, 2 * size + 5)
            saved.read_into("all", target)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3 << 20
        assert bytes(target) == bytes(source) + bytes(source[-5:])
        source.release()
        target.release()


def test_a_system_that_takes_a_few_bytes_at_a_time_gets_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.FileIO):
        def write(self, data: Any) -> int:
            return super().write(memoryview(data)[:3])

    monkeypatch.setattr(checkpoint_file, "create", lambda path: Slow(path, "xb"))
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        assert newest(checkpoints) == (1, ())


def test_a_buffer_of_another_size_is_refused(tmp_path: Path) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        checkpoints.save({}, {"a": [b"12345"]})
        saved = checkpoints.load()
        assert saved is not None
        with saved:
            for size in (4, 6):
                with pytest.raises(ValueError, match=f"{size} bytes for section 'a' of 5"):
                    saved.read_into("a", bytearray(size))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"spec": "77aa"}, 'spec is "5fe1" there and "77aa" here.'),
        ({"parameters": {"pages": 8, "threads": 2}}, "parameters.pages is 4 there and 8 here."),
        ({"parameters": {"pages": 4}}, "parameters.threads is 2 there and absent here."),
        ({"symmetry": True}, "symmetry is absent there and true here."),
        ({"parameters": {"pages": 4, "threads": True}}, "parameters.threads is 2 there and true here."),
        ({"parameters": None}, 'parameters is {"pages": 4, "threads": 2} there and null here.'),
        (
            {"tool": "0.2.0", "atomicity": "fine"},
            'atomicity is "lock" there and "fine" here; tool is "0.1.0" there and "0.2.0" here.',
        ),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_and_kept(tmp_path: Path, change: dict[str, JSON], sentence: str) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
    with Checkpoints(tmp_path, {**IDENTITY, **change}) as other, pytest.raises(UsageError) as refused:
        other.load()
    assert f"of another run: {sentence} Resume with the same" in str(refused.value)
    assert refused.value.exit_code == 2
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        assert newest(checkpoints) == (1, ())


def test_one_and_true_are_different_identities(tmp_path: Path) -> None:
    with Checkpoints(tmp_path, {"a": 1}) as checkpoints:
        checkpoints.save({}, {})
    with Checkpoints(tmp_path, {"a": True}) as other, pytest.raises(UsageError, match="a is 1 there and true here"):
        other.load()


def test_equal_identities_may_be_written_differently(tmp_path: Path) -> None:
    with Checkpoints(tmp_path, {"a": (1, 2), "b": {"c": 1, "d": 2}}) as checkpoints:
        checkpoints.save({"level": 7}, {})
    with Checkpoints(tmp_path, {"b": {"d": 2, "c": 1}, "a": [1, 2]}) as checkpoints:
        saved = checkpoints.load()
        assert saved is not None
        with saved:
            assert saved.meta == {"level": 7}


def test_another_version_of_the_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        monkeypatch.setattr(checkpoint_file, "FORMAT_VERSION", checkpoint_file.FORMAT_VERSION + 1)
        with pytest.raises(UsageError, match="another version of the tool: the format's version is 1 there and 2 here"):
            checkpoints.load()


def test_a_run_that_does_not_resume_can_spare_the_checkpoints_of_another(tmp_path: Path) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        checkpoints.expect_empty()
        save(checkpoints, 1)
        with pytest.raises(UsageError, match="already holds checkpoints, which this run would replace; go on from them"):
            checkpoints.expect_empty()


def test_two_runs_cannot_use_a_folder_at_once(tmp_path: Path) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        with pytest.raises(UsageError, match=rf"is in use by another run \(process {os.getpid()}\); wait for it"):
            Checkpoints(tmp_path, IDENTITY)
        save(checkpoints, 1)
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        assert newest(checkpoints) == (1, ())


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with Checkpoints(tmp_path / "new" / "folder", IDENTITY) as checkpoints:
            save(checkpoints, 1)
    finally:
        os.umask(mask)
    assert checkpoints.folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in checkpoints.folder.iterdir()} == {
        "lock": 0o600,
        "checkpoint-00000001.bin": 0o600,
    }


def test_only_files_left_half_written_are_removed(tmp_path: Path) -> None:
    others = ["checkpoint-1.bin.partial", "checkpoint-00000003.bin.partial.txt", "notes.partial", "checkpoint-0000000x.bin"]
    for name in ["checkpoint-00000002.bin.partial", "checkpoint-123456789.bin.partial", *others]:
        (tmp_path / name).write_bytes(b"left")
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        assert stored(tmp_path) == sorted(others)
        assert checkpoints.load() is None
        for level in range(1, 5):
            save(checkpoints, level)
    assert stored(tmp_path) == sorted([*others, "checkpoint-00000003.bin", "checkpoint-00000004.bin"])


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("")
    with pytest.raises(UsageError, match="cannot hold checkpoints: File exists; name a folder"):
        Checkpoints(tmp_path / "c", IDENTITY)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "lock").symlink_to("precious")
    with pytest.raises(UsageError, match="cannot hold checkpoints"):
        Checkpoints(tmp_path, IDENTITY)
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_save_that_is_interrupted_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def interrupted() -> Iterator[bytes]:
        yield b"12345"
        raise error

    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        with pytest.raises(error):
            checkpoints.save({"level": 2}, {"visited": interrupted()})
        assert stored(tmp_path) == ["checkpoint-00000001.bin"]
        assert newest(checkpoints) == (1, ())


@pytest.mark.parametrize("meta", [{"a": float("nan")}, {"a": b"bytes"}])
def test_what_is_not_json_cannot_be_saved(tmp_path: Path, meta: dict[str, JSON]) -> None:
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        with pytest.raises((ValueError, TypeError)):
            checkpoints.save(meta, {})
        assert stored(tmp_path) == []
