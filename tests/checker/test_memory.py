"""The arena: zero until written, cheap until touched, given back when released, refused with a sentence."""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checker.errors import CheckerError
from checker.search import memory
from checker.search.memory import Arena, MemoryRefused, resident_memory

MIB = 1 << 20
counts_now = pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="the system tells the peak only")


def test_the_address_and_the_views_are_the_same_memory() -> None:
    with Arena(3 * mmap.PAGESIZE) as arena:
        assert bytes(arena.view(0, arena.size)) == bytes(arena.size)
        arena.view(5, 9)[:] = b"abcd"
        assert ctypes.string_at(arena.address + 4, 6) == b"\0abcd\0"
        ctypes.memset(arena.address + arena.size - 1, 7, 1)
        assert arena.view(arena.size - 1, arena.size).tobytes() == b"\7"


def test_the_size_is_rounded_up_to_pages() -> None:
    for asked, pages in ((1, 1), (mmap.PAGESIZE, 1), (mmap.PAGESIZE + 1, 2)):
        with Arena(asked) as arena:
            assert arena.size == pages * mmap.PAGESIZE
            assert arena.address % mmap.PAGESIZE == 0


@counts_now
def test_a_large_reservation_costs_nothing_until_it_is_touched() -> None:
    """512 GiB: more than the machines have that this runs on."""
    before = resident_memory()
    with Arena(512 << 30) as arena:
        assert resident_memory() - before < MIB
        ctypes.memset(arena.address, 1, 64 * MIB)
        assert 60 * MIB < resident_memory() - before < 80 * MIB
        arena.view(arena.size - 1, arena.size)[0] = 1
    assert resident_memory() - before < 8 * MIB


@counts_now
def test_release_gives_pages_back_and_spares_what_lies_around() -> None:
    with Arena(64 * MIB) as arena:
        ctypes.memset(arena.address, 7, arena.size)
        before = resident_memory()
        start, stop = 5, 48 * MIB - 5
        arena.release(start, stop)
        assert before - resident_memory() > 40 * MIB
        first, last = mmap.PAGESIZE, 48 * MIB - mmap.PAGESIZE
        assert arena.view(0, first).tobytes() == b"\7" * first
        assert arena.view(last, arena.size).tobytes() == b"\7" * (arena.size - last)
        arena.view(first, last)[:3] = b"abc"
        assert arena.view(first, first + 3).tobytes() == b"abc"


def test_release_of_less_than_a_page_changes_nothing() -> None:
    with Arena(2 * mmap.PAGESIZE) as arena:
        arena.view(0, arena.size)[:] = b"\7" * arena.size
        arena.release(1, arena.size - 1)
        arena.release(3, 3)
        assert arena.view(0, arena.size).tobytes() == b"\7" * arena.size


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, mmap.PAGESIZE + 1), (mmap.PAGESIZE + 1, mmap.PAGESIZE + 1)])
def test_a_range_outside_is_refused(start: int, stop: int) -> None:
    with Arena(1) as arena:
        for use in (arena.view, arena.release):
            with pytest.raises(ValueError, match="expected 0 <= start <= stop <= size"):
                use(start, stop)


def test_huge_pages_change_nothing_but_speed() -> None:
    with Arena(8 * MIB) as arena:
        assert arena.huge() in (True, False)
        ctypes.memset(arena.address, 7, arena.size)
        assert arena.view(0, arena.size).tobytes() == b"\7" * arena.size


def test_close_waits_for_the_views() -> None:
    arena = Arena(1)
    view = arena.view(0, 1)
    with pytest.raises(BufferError):
        arena.close()
    view.release()
    arena.close()
    arena.close()


def test_an_error_is_not_hidden_by_the_views_of_its_frames() -> None:
    def fail(view: memoryview) -> float:
        return 1 / view[0]

    with pytest.raises(ZeroDivisionError), Arena(1) as arena:
        fail(arena.view(0, 1))


@pytest.mark.parametrize("size", [1 << 62, 1 << 80])
def test_more_than_the_system_has_is_refused(size: int) -> None:
    with pytest.raises(
        MemoryRefused, match=r"refuses to reserve \d+\.0 GiB of memory: .*; ask for less with --memory"
    ) as refused:
        Arena(size)
    assert isinstance(refused.value, CheckerError)
    assert refused.value.exit_code == 20


@pytest.mark.parametrize("size", [0, -1])
def test_nothing_is_not_a_size(size: int) -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        Arena(size)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce the limit")
def test_a_limit_of_the_process_is_named() -> None:
    code = """
import resource
from checker.search.memory import Arena, MemoryRefused
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, resource.RLIM_INFINITY))
Arena(1 << 30).close()
try:
    Arena(4 << 30)
except MemoryRefused as error:
    print(error)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "refuses to reserve 4.0 GiB of memory (this process may map 3.0 GiB: ulimit -v): " in out


def test_without_proc_the_peak_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    now = resident_memory()

    def missing(self: Path, *_args: object) -> str:
        raise FileNotFoundError(self)

    monkeypatch.setattr(memory.Path, "read_text", missing)
    assert now // 2 < resident_memory() < 64 << 30
