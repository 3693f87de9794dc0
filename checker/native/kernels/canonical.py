"""The canonical form of a state, byte for byte that of `checker.reduce.canonical`."""

from __future__ import annotations

from checker.native.kernels.canon import Canon, Work
from checker.native.kernels.exchange import begin_orders, exchange, next_order
from checker.native.kernels.forget import forget
from checker.native.kernels.individual import complete_names, erase, mask, offer
from checker.native.kernels.language import Word, copy, kernel, rare
from checker.native.kernels.naming import begin_names, name_first, name_second
from checker.native.kernels.unordered import sort_arrays


@kernel
def canonical(k: Canon, state: Word, scratch: Word, observer: Word) -> Word:
    """Put the canonical form in the place of a state; 0, or the status of a condition that ended with an error.

    At least 8 bytes can be read at ``state``. ``scratch`` need not be cleared; calls with different ones may overlap in
    time. ``observer`` is handed on to the conditions.
    """
    if k.rows != k.rows_stop:
        status = forget(k, state, scratch, observer)
        if status:
            return status
    if k.blocks != k.blocks_stop and not name_first(k, state, scratch):
        return complete_in_orders(k, state, scratch)
    sort_arrays(k, state)
    if k.groups != k.groups_stop:
        order_threads(k, state, scratch)
    return 0


@kernel
def order_threads(k: Canon, state: Word, scratch: Word) -> Word:
    """Exchange the threads of a state whose records have names and whose arrays are sorted."""
    if not begin_orders(k, scratch, state, 0):
        if exchange(k, state, scratch):
            sort_arrays(k, state)
        return 0
    work = Work(scratch)
    work.offered = 0
    base = scratch + k.at_base
    copy(base, state, k.size)
    exchange(k, state, scratch)
    offer(k, state, scratch)
    while work.offered < k.forms and next_order(k, scratch):
        copy(state, base, k.size)
        exchange(k, state, scratch)
        offer(k, state, scratch)
    copy(state, scratch + k.at_best, k.size)
    return 0


@rare
def complete_in_orders(k: Canon, state: Word, scratch: Word) -> Word:
    """Complete the naming of a state, in each order of its threads that has to be tried."""
    work = Work(scratch)
    before = scratch + k.at_before
    copy(before, scratch + k.at_given, k.frame_rest)
    several = 0
    if k.groups != k.groups_stop:
        view = scratch + k.at_view
        begin_names(k, state, scratch, 1)
        copy(view, state, k.size)
        mask(k, view, scratch)
        erase(k, view, scratch)
        sort_arrays(k, view)
        several = begin_orders(k, scratch, view, 1)
    work.offered = 0
    complete_here(k, state, scratch)
    while several and work.offered < k.forms and next_order(k, scratch):
        complete_here(k, state, scratch)
    copy(state, scratch + k.at_best, k.size)
    return 0


@rare
def complete_here(k: Canon, state: Word, scratch: Word) -> Word:
    """Offer all forms of a state with its threads in the present order."""
    frame = scratch + k.at_frames
    copy(frame + k.frame_state, state, k.size)
    if k.groups != k.groups_stop:
        exchange(k, frame + k.frame_state, scratch)
    copy(scratch + k.at_given, scratch + k.at_before, k.frame_rest)
    complete = name_second(k, frame + k.frame_state, scratch)
    copy(frame, scratch + k.at_given, k.frame_rest)
    return complete_names(k, scratch, frame, complete)
