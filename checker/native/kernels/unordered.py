"""Sorting the arrays whose order means nothing (the reference is `checker.reduce.unordered`)."""

from __future__ import annotations

from checker.native.kernels.canon import ARRAY, Array, Canon
from checker.native.kernels.language import Word, kernel, rare, u8


@kernel
def sort_arrays(k: Canon, state: Word) -> Word:
    """Each array in ascending order of its bytes, zeros last."""
    at = k.arrays
    stop = k.arrays_stop
    while at < stop:
        array = Array(at)
        if array.width == 1:
            sort_bytes(state + array.at, array.cells, 1)
        else:
            sort_cells(state + array.at, array.cells, array.width)
        at += ARRAY
    return 0


@kernel
def sort_bytes(start: Word, length: Word, below: Word) -> Word:
    """Sort bytes, those under ``below`` last."""
    for i in range(1, length):
        moving = u8[start + i]
        rank = (moving - below) & 255
        j = start + i
        while j > start and ((u8[j - 1] - below) & 255) > rank:
            u8[j] = u8[j - 1]
            j -= 1
        u8[j] = moving
    return 0


@rare
def sort_cells(start: Word, cells: Word, width: Word) -> Word:
    """Sort cells of several bytes by their bytes, zero last."""
    for i in range(1, cells):
        at = start + i * width
        while at > start and precedes(at, at - width, width):
            for b in range(at, at + width):
                other = u8[b - width]
                u8[b - width] = u8[b]
                u8[b] = other
            at -= width
    return 0


@kernel
def precedes(a: Word, b: Word, width: Word) -> Word:
    """Whether one cell has to stand before another."""
    left = rank_of(a, width)
    right = rank_of(b, width)
    return left - 1 < right - 1


@kernel
def rank_of(at: Word, width: Word) -> Word:
    """The bytes of a cell as a number that is ordered as they are."""
    out = 0
    for i in range(at, at + width):
        out = out << 8 | u8[i]
    return out


@rare
def compare_bytes(a: Word, b: Word, length: Word) -> Word:
    """0, 1 or 2: bytes are less than, equal to or greater than others."""
    for i in range(length):
        if u8[a + i] != u8[b + i]:
            return 0 if u8[a + i] < u8[b + i] else 2
    return 1
