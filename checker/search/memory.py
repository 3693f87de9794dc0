"""Large private memory that the native engine fills from the front, and what the process holds of it."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import platform
import resource
import sys
from pathlib import Path
from types import TracebackType

from checker.errors import CheckerError

# Python knows the name from 3.13 on only; without the flag Linux counts the whole reservation as if it were used.
_LINUX_NORESERVE = 0x4000 if sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64") else 0
_NORESERVE = getattr(mmap, "MAP_NORESERVE", _LINUX_NORESERVE)
_HUGE = getattr(mmap, "MADV_HUGEPAGE", None)
# On macOS MADV_DONTNEED is only a hint; MADV_FREE gives the pages back.
_GIVE_BACK = mmap.MADV_FREE if sys.platform == "darwin" else mmap.MADV_DONTNEED


class MemoryRefused(CheckerError):
    """The system does not give the memory asked for: a bound that stops the run before it found anything."""

    exit_code = 20


class Arena:
    """Anonymous private memory, reserved whole and backed by pages only where it is touched.

    Parameters
    ----------
    size : int
        Bytes to reserve; rounded up to whole pages. Untouched memory reads as zero and costs nothing.

    Attributes
    ----------
    size : int
        Bytes reserved.
    address : int
        Where they start; valid until `close`.

    Raises
    ------
    MemoryRefused
        If the system refuses the reservation.
    """

    def __init__(self, size: int) -> None:
        if size <= 0:
            raise ValueError(f"an arena of {size} bytes; expected at least 1")
        self.size = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        try:
            self._memory = mmap.mmap(-1, self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
        except (OSError, OverflowError) as error:
            raise MemoryRefused(_refusal(self.size, error)) from error
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
            return
        # The frames that the error passed through may hold views; it says more than they would. The memory goes with them.
        with contextlib.suppress(BufferError):
            self.close()

    def view(self, start: int, stop: int) -> memoryview:
        """The bytes from `start` up to `stop`, not copied; `close` fails as long as a view is alive."""
        self._check(start, stop)
        return memoryview(self._memory)[start:stop]

    def release(self, start: int, stop: int) -> None:
        """Give back the pages that lie wholly inside the range; what they held is lost, what they read as then is undefined."""
        self._check(start, stop)
        first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        last = stop // mmap.PAGESIZE * mmap.PAGESIZE
        if first < last:
            self._memory.madvise(_GIVE_BACK, first, last - first)

    def huge(self) -> bool:
        """Ask for huge pages; False if the system has none. Nothing but speed depends on it."""
        if _HUGE is None:
            return False
        try:
            self._memory.madvise(_HUGE)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Give the whole arena back; its address is invalid from then on.

        Raises
        ------
        BufferError
            If a view is still alive.
        """
        self._memory.close()

    def _check(self, start: int, stop: int) -> None:
        """Refuse a range that is not inside the arena: a slice would clip it silently."""
        if not 0 <= start <= stop <= self.size:
            raise ValueError(f"range {start}..{stop} of an arena of {self.size} bytes; expected 0 <= start <= stop <= size")


def resident_memory() -> int:
    """Bytes of memory that this process occupies now; its peak where the system does not tell (macOS)."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _refusal(size: int, error: Exception) -> str:
    """Say what was asked for, the limit that is in force if there is one, and what to do."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    bound = "" if limit == resource.RLIM_INFINITY else f" (this process may map {limit / 2**30:.1f} GiB: ulimit -v)"
    return (
        f"the system refuses to reserve {size / 2**30:.1f} GiB of memory{bound}: {error}; "
        "ask for less with --memory, or raise the limit (ulimit -v, or overcommit in /proc/sys/vm)"
    )
