"""Structs in memory, as Python sees them, and memory for what the kernels share."""

from __future__ import annotations

import ctypes

from checker.native.kernels.language import Struct
from checker.search.memory import Arena

_LINE = 128
"""Blocks begin at multiples of this, so that no two workers write to one cache line."""


class Words:
    """A struct at an address."""

    def __init__(self, struct: type[Struct], address: int) -> None:
        self.struct, self.address = struct, address

    def __getitem__(self, field: str) -> int:
        """The value of a field."""
        return ctypes.c_uint64.from_address(self.address + self.struct.offset(field)).value

    def __setitem__(self, field: str, value: int) -> None:
        """Set a field."""
        ctypes.c_uint64.from_address(self.address + self.struct.offset(field)).value = value

    def update(self, **fields: int) -> None:
        """Set several fields."""
        for name, value in fields.items():
            self[name] = value


class Blocks:
    """Hands out zeroed memory from one arena, for as long as it lives."""

    def __init__(self, size: int) -> None:
        self._arena = Arena(size)
        self._used = 0

    def take(self, size: int) -> int:
        """The address of a new block."""
        at, self._used = self._used, self._used + -(-size // _LINE) * _LINE
        if self._used > self._arena.size:
            raise MemoryError(f"{self._used} bytes of {self._arena.size} are wanted")
        return self._arena.address + at

    def put(self, data: bytes) -> int:
        """The address of a block that holds these bytes."""
        at = self.take(len(data))
        ctypes.memmove(at, data, len(data))
        return at

    def close(self) -> None:
        """Give it back."""
        self._arena.close()


def array(address: int, count: int) -> list[int]:
    """So many words at an address."""
    return list((ctypes.c_uint64 * count).from_address(address)) if count else []
