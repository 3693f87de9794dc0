"""Setting to zero what nobody will read (the reference is `checker.reduce.forget`)."""

from __future__ import annotations

from checker.native.kernels.canon import LOW, PART, ROW, SAVED, Canon, Part, Row, Saved
from checker.native.kernels.language import Word, copy, extern, kernel, rare, u8, u16, u64


@extern
def forget_when(rule: Word, state: Word, number: Word, observer: Word) -> Word:
    """Whether a rule's condition holds of a record, and the status of its evaluation: status << 1 | truth."""
    raise NotImplementedError


@kernel
def forget(k: Canon, state: Word, scratch: Word, observer: Word) -> Word:
    """Forget; a status if a condition ends with an error, and then nothing is changed."""
    found = scratch + k.at_rows
    last = found
    at = k.rows
    stop = k.rows_stop
    while at < stop:
        row = Row(at)
        if holds_something(row, state):
            said = forget_when(row.rule, state, row.number, observer)
            if said > 1:
                return said >> 1
            if said:
                u64[last] = at
                last += 8
        at += ROW
    while found < last:
        row = Row(u64[found])
        if row.anyway or not is_held(k, state, row.type, row.number):
            clear(k, row, state)
        found += 8
    return 0


@kernel
def holds_something(row: Row, state: Word) -> Word:
    """Whether there is anything to forget."""
    at = row.parts
    stop = row.parts_stop
    while at < stop:
        part = Part(at)
        if (u64[state + part.at] >> part.shift) & part.mask != part.zero:
            return 1
        at += PART
    return 0


@rare
def clear(k: Canon, row: Row, state: Word) -> Word:
    """Forget the cells of a row."""
    at = row.parts
    while at < row.parts_stop:
        part = Part(at)
        copy(state + part.first, k.zeros + part.first, part.length)
        at += PART
    return 0


@rare
def is_held(k: Canon, state: Word, kind: Word, number: Word) -> Word:
    """Whether a saved local refers to a record."""
    at = k.saved
    while at < k.saved_stop:
        list_at = first_saved(Saved(at), state)
        stop = u64[list_at + 8]
        ref = u64[list_at]
        while ref < stop:
            if u64[ref] >> 32 == kind and u8[state + (u64[ref] & LOW)] == number:
                return 1
            ref += 8
        at += SAVED
    return 0


@kernel
def label_of(saved: Saved, state: Word) -> Word:
    """The label of a thread."""
    return u16[state + saved.base] if saved.wide else u8[state + saved.base]


@kernel
def first_saved(saved: Saved, state: Word) -> Word:
    """Where the references of a thread's label begin, as the address of that word; the next word says where they end."""
    return saved.starts + 8 * label_of(saved, state)
