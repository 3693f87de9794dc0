"""Constant memory for kernels: arrays with fixed addresses, kept as long as whoever holds them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from checker.native.kernels.language import Struct


class Constants:
    """Arrays that kernels read."""

    def __init__(self) -> None:
        self._kept: list[array[int]] = []

    def _keep(self, code: str, values: Iterable[int]) -> tuple[int, int]:
        made = array(code, values)
        if not made:
            made.append(0)
            self._kept.append(made)
            return made.buffer_info()[0], made.buffer_info()[0]
        self._kept.append(made)
        address, length = made.buffer_info()
        return address, address + length * made.itemsize

    def bytes(self, values: Iterable[int]) -> tuple[int, int]:
        """Where these bytes begin, and what lies behind them."""
        return self._keep("B", values)

    def halves(self, values: Iterable[int]) -> tuple[int, int]:
        """As `bytes`, with 16 bits for each."""
        return self._keep("H", values)

    def places(self, values: Iterable[int]) -> tuple[int, int]:
        """As `bytes`, with 32 bits for each."""
        return self._keep("I", values)

    def words(self, values: Iterable[int]) -> tuple[int, int]:
        """As `bytes`, with 64 bits for each."""
        return self._keep("Q", values)

    def structs(self, made: Iterable[list[int]]) -> tuple[int, int]:
        """As `bytes`, of structs behind each other."""
        return self.words(word for fields in made for word in fields)

    def lists(self, lists: Iterable[Iterable[int]]) -> int:
        """Where the list of the beginnings of these lists of words begins; each ends where the next one begins."""
        starts: list[int] = [0]
        flat: list[int] = []
        for one in lists:
            flat += one
            starts.append(len(flat))
        base = self.words(flat)[0]
        return self.words(base + 8 * s for s in starts)[0]


def fields(kind: type[Struct], **values: int) -> list[int]:
    """The words of a struct; all of them have to be given."""
    if values.keys() != set(kind.fields):
        raise TypeError(f"{kind.__name__} has {', '.join(kind.fields)}; given were {', '.join(values)}")
    return [int(values[name]) for name in kind.fields]


class Room:
    """Memory laid out piece by piece, each at a multiple of 8."""

    def __init__(self, size: int = 0) -> None:
        self.size = size

    def take(self, size: int) -> int:
        """The offset of a new piece."""
        at = self.size
        self.size += (size + 7) // 8 * 8
        return at
