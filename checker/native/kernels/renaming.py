"""Moving records and threads to other numbers (the reference is `checker.reduce.renaming`)."""

from __future__ import annotations

from checker.native.kernels.canon import AXIS, KIND, LOW, SAVED, Axis, Canon, Kind, Plan, Saved
from checker.native.kernels.forget import first_saved
from checker.native.kernels.language import Word, copy, kernel, rare, u8, u16, u32, u64


@rare
def rename(k: Canon, plan: Plan, state: Word, scratch: Word, order: Word) -> Word:
    """Bring elements into an order (``order[new] = old``, of each axis), and have references follow."""
    at = plan.kinds
    while at < plan.kinds_stop:
        copy(scratch + Kind(at).table, k.identity, 256)
        at += KIND
    copy(scratch + k.at_moved, state, k.size)
    at = plan.axes
    while at < plan.axes_stop:
        move_elements(Axis(at), state, scratch, scratch + k.at_moved, order)
        at += AXIS
    at = plan.kinds
    while at < plan.kinds_stop:
        kind = Kind(at)
        follow(state, scratch + kind.table, kind.places, kind.places_stop)
        at += KIND
    at = k.saved
    while at < k.saved_stop:
        follow_saved(plan, Saved(at), state, scratch)
        at += SAVED
    return 0


@kernel
def move_elements(axis: Axis, state: Word, scratch: Word, source: Word, order: Word) -> Word:
    """Move the bytes of the elements, and note their records' new numbers."""
    width = axis.width
    places = axis.places
    for new in range(axis.length):
        old = u16[order + 2 * (axis.start + new)]
        if old != new:
            for i in range(width):
                u8[state + u32[places + 4 * (new * width + i)]] = u8[source + u32[places + 4 * (old * width + i)]]
            for i in range(axis.numbers):
                table = scratch + u64[axis.tables + 8 * i]
                number = u16[axis.values + 2 * (old * axis.numbers + i)]
                u8[table + number] = u16[axis.values + 2 * (new * axis.numbers + i)]
    return 0


@kernel
def follow(state: Word, table: Word, places: Word, stop: Word) -> Word:
    """Map the references at these places."""
    while places < stop:
        at = state + u32[places]
        u8[at] = u8[table + u8[at]]
        places += 4
    return 0


@kernel
def follow_saved(plan: Plan, saved: Saved, state: Word, scratch: Word) -> Word:
    """Map the references among a thread's locals."""
    list_at = first_saved(saved, state)
    stop = u64[list_at + 8]
    ref = u64[list_at]
    while ref < stop:
        table = u64[plan.tables + 8 * (u64[ref] >> 32)]
        if table:
            at = state + (u64[ref] & LOW)
            u8[at] = u8[scratch + table + u8[at]]
        ref += 8
    return 0
