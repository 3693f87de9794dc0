"""Naming interchangeable records by first appearance (the reference is `checker.reduce.naming`)."""

from __future__ import annotations

from checker.native.kernels.canon import (
    BLOCK,
    DEAD,
    LOW,
    NAMED,
    NAMELESS,
    SAVED,
    TYPE,
    Block,
    Canon,
    Plan,
    Saved,
    Type,
    Work,
)
from checker.native.kernels.forget import first_saved
from checker.native.kernels.language import Word, kernel, rare, u8, u16, u32, u64
from checker.native.kernels.renaming import rename


@kernel
def used_of(block: Block, state: Word) -> Word:
    """How many records of a block are in use."""
    at = state + block.count_at
    used = u8[at]
    if block.count_width == 2:
        used = u16[at]
    elif block.count_width == 4:
        used = u32[at]
    elif block.count_width == 8:
        used = u64[at]
    return min(used, block.length)


@kernel
def begin_names(k: Canon, state: Word, scratch: Word, keep: Word) -> Word:
    """Take the names away that there are; with ``keep``, those behind the first `given` of each block."""
    work = Work(scratch)
    work.count = 0
    work.total = 0
    work.moved = 0
    given = scratch + k.at_given
    u8[scratch + k.at_marks] = DEAD
    at = k.blocks
    while at < k.blocks_stop:
        block = Block(at)
        used = used_of(block, state)
        work.total += used
        kept = u64[given] if keep else 0
        marks = scratch + k.at_marks + block.start
        for i in range(block.length):
            u8[marks + i] = i < used
        u64[given] = 0
        for i in range(kept):
            give_name(k, scratch, block.start + i)
        given += 8
        at += BLOCK
    return 0


@kernel
def give_name(k: Canon, scratch: Word, record: Word) -> Word:
    """The next name of its block for a record; whether all have one now."""
    work = Work(scratch)
    index = u64[k.block_of + 8 * record]
    block = Block(k.blocks + index * BLOCK)
    given = scratch + k.at_given + 8 * index
    place = block.start + u64[given]
    u64[given] += 1
    u8[scratch + k.at_marks + record] = NAMED
    u16[scratch + k.at_todo + 2 * work.count] = record
    u16[scratch + k.at_order + 2 * place] = record - block.start
    if place != record:
        work.moved = 1
    work.count += 1
    return work.count == work.total


@kernel
def name_first(k: Canon, state: Word, scratch: Word) -> Word:
    """Name what can be named before threads and unordered arrays have an order; whether that is all."""
    begin_names(k, state, scratch, 0)
    if not name_roots(k, state, scratch) and not trace(k, state, scratch, k.links):
        end_names(k, state, scratch)
        return 0
    end_names(k, state, scratch)
    return 1


@kernel
def name_roots(k: Canon, state: Word, scratch: Word) -> Word:
    """Name what the root and the locals of threads in their places refer to; whether that is all."""
    if Work(scratch).total == 0:
        return 1
    marks = scratch + k.at_marks
    at = k.types
    while at < k.types_stop:
        kind = Type(at)
        ids = kind.ids
        place = kind.roots
        stop = kind.roots_stop
        while place < stop:
            record = u16[ids + 2 * u8[state + u32[place]]]
            if u8[marks + record] == NAMELESS:
                if give_name(k, scratch, record):
                    return 1
            place += 4
        thread = k.saved
        while thread < k.saved_stop:
            if not Saved(thread).later and name_saved(k, Saved(thread), state, scratch, at):
                return 1
            thread += SAVED
        at += TYPE
    return 0


@kernel
def name_saved(k: Canon, saved: Saved, state: Word, scratch: Word, only: Word) -> Word:
    """Name what a thread's locals refer to, of one type or, for 0, of all; whether that is all."""
    list_at = first_saved(saved, state)
    stop = u64[list_at + 8]
    ref = u64[list_at]
    while ref < stop:
        if only == 0 or only == k.types + (u64[ref] >> 32) * TYPE:
            if name_at(k, state, scratch, u64[ref]):
                return 1
        ref += 8
    return 0


@kernel
def name_at(k: Canon, state: Word, scratch: Word, ref: Word) -> Word:
    """Name what a reference refers to; whether that is all."""
    kind = k.types + (ref >> 32) * TYPE
    if kind < k.types_stop:
        record = u16[Type(kind).ids + 2 * u8[state + (ref & LOW)]]
        if u8[scratch + k.at_marks + record] == NAMELESS:
            return give_name(k, scratch, record)
    return 0


@rare
def trace(k: Canon, state: Word, scratch: Word, links: Word) -> Word:
    """Name what named records refer to; whether that is all."""
    work = Work(scratch)
    if work.count == work.total:
        return 1
    i = 0
    while i < work.count:
        record = u16[scratch + k.at_todo + 2 * i]
        stop = u64[links + 8 * record + 8]
        ref = u64[links + 8 * record]
        while ref < stop:
            if name_at(k, state, scratch, u64[ref]):
                return 1
            ref += 8
        i += 1
    return 0


@rare
def end_names(k: Canon, state: Word, scratch: Word) -> Word:
    """Give the records their new names: the named ones first, then the others as they stood."""
    if not Work(scratch).moved:
        return 0
    given = scratch + k.at_given
    at = k.blocks
    while at < k.blocks_stop:
        block = Block(at)
        marks = scratch + k.at_marks + block.start
        place = scratch + k.at_order + 2 * (block.start + u64[given])
        for i in range(block.length):
            if u8[marks + i] != NAMED:
                u16[place] = i
                place += 2
        given += 8
        at += BLOCK
    return rename(k, Plan(k.names), state, scratch, scratch + k.at_order)


@rare
def name_second(k: Canon, state: Word, scratch: Word) -> Word:
    """As `name_first`, on a state that it has renamed, once the threads have an order."""
    begin_names(k, state, scratch, 1)
    at = k.second
    while at < k.second_stop:
        name_at(k, state, scratch, u64[at])
        at += 8
    thread = k.saved
    while thread < k.saved_stop:
        if Saved(thread).later:
            name_saved(k, Saved(thread), state, scratch, 0)
        thread += SAVED
    complete = trace(k, state, scratch, k.all_links)
    end_names(k, state, scratch)
    return complete


@rare
def name_these(k: Canon, state: Word, scratch: Word, chosen: Word, count: Word) -> Word:
    """Name records, in this order, and then what they refer to; whether that is all."""
    begin_names(k, state, scratch, 1)
    for i in range(count):
        give_name(k, scratch, u16[chosen + 2 * i])
    complete = trace(k, state, scratch, k.all_links)
    end_names(k, state, scratch)
    return complete
