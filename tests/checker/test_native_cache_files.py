"""The files of the cache of object code: where they lie, what makes one valid, which ones go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from checker.native import cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHECKER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache.folder() == Path("/home/me/.cache/pageheap-checker")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache.folder() == Path("/xdg/pageheap-checker")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.folder() == Path("/home/me/Library/Caches/pageheap-checker")
    monkeypatch.setenv("CHECKER_CACHE", "/named")
    assert cache.folder() == Path("/named")


def test_a_file_under_another_name_is_damaged(folder: Path) -> None:
    cache.write("a", b"code of a")
    (folder / "a").rename(folder / "b")
    assert cache.read("b") is None


def test_others_cannot_read_a_new_folder(folder: Path) -> None:
    cache.write("a", b"")
    assert folder.stat().st_mode & 0o077 == 0


def age(folder: Path, name: str, days: int) -> None:
    file = folder / name
    os.utime(file, (file.stat().st_atime - 86400 * days,) * 2)


def kept(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_the_files_not_used_for_longest_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_LIMIT", 460)
    for i in range(4):
        cache.write(f"f{i}", bytes(80))
        age(folder, f"f{i}", 9 - i)
    assert cache.read("f0") == bytes(80)  # reading is using
    cache.write("new", bytes(80))
    assert kept(folder) == {"f0", "f2", "f3", "new"}
    assert cache.read("new") == bytes(80)
    assert cache.read("f1") is None


def test_one_file_beyond_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_LIMIT", 100)
    cache.write("old", bytes(50))
    cache.write("large", bytes(500))
    assert kept(folder) == {"large"}


def test_pruning_meets_others_who_prune(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has gone meanwhile does not keep the others from going, and is no error."""
    monkeypatch.setattr(cache, "_LIMIT", 150)
    for i in range(3):
        cache.write(f"f{i}", bytes(10))
        age(folder, f"f{i}", 3 - i)
    listed = Path.iterdir

    def with_ghosts(self: Path) -> object:
        yield self / "gone before"
        yield from listed(self)
        yield self / "gone behind"

    removed = Path.unlink

    def vanishes(self: Path, *arguments: object, **named: object) -> None:
        removed(self)
        if self.name == "f1":
            raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "iterdir", with_ghosts)
    monkeypatch.setattr(Path, "unlink", vanishes)
    cache.write("new", bytes(60))
    monkeypatch.undo()
    assert {p.name for p in listed(folder)} == {"new", "f2"}
