"""What a checked search asks of every state: a defect of the tool shows where it happens, not in a wrong count."""

from __future__ import annotations

from checker.native.kernels.language import Word, copy, extern, kernel, u8, u16, u32, u64
from checker.native.kernels.structs import LOST_IN_PACKING, NO_FIXED_POINT, OUT_OF_RANGE, Cell, Search, Worker

CELL = Cell.sizeof()


@extern
def pack(state: Word, to: Word) -> Word:
    """Keep the bits of a state that matter."""
    raise NotImplementedError


@extern
def unpack(source: Word, state: Word) -> Word:
    """The state that was packed."""
    raise NotImplementedError


@extern
def canonical(canon: Word, state: Word, scratch: Word, observer: Word) -> Word:
    """Bring a state into canonical form."""
    raise NotImplementedError


@kernel
def check_form(c: Search, w: Worker, form: Word) -> Word:
    """0 if every cell is in its range, packing loses nothing, and the canonical form of a form is itself."""
    for i in range(c.cell_count):
        cell = Cell(c.cells + i * CELL)
        if number_at(form + cell.at, cell.width) > cell.top:
            return OUT_OF_RANGE
    again = w.spare + c.size
    pack(form, w.spare)
    unpack(w.spare, again)
    if not equal(form, again, c.size):
        return LOST_IN_PACKING
    if c.reduces:
        copy(again, form, c.size)
        failed = canonical(c.canon, again, w.scratch, w.observer)
        if failed:
            return failed
        if not equal(form, again, c.size):
            return NO_FIXED_POINT
    return 0


@kernel
def number_at(at: Word, width: Word) -> Word:
    """The number in a cell of 1, 2, 4 or 8 bytes."""
    if width == 1:
        return u8[at]
    if width == 2:
        return u16[at]
    if width == 4:
        return u32[at]
    return u64[at]


@kernel
def equal(a: Word, b: Word, length: Word) -> Word:
    """Whether so many bytes, in whole words, are equal."""
    for i in range(length // 8):
        if u64[a + 8 * i] != u64[b + 8 * i]:
            return 0
    return 1
