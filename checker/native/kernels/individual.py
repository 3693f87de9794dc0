"""Names for records that nothing ordered refers to (the reference is `checker.reduce.individual`)."""

from __future__ import annotations

from checker.native.kernels.canon import (
    BLOCK,
    LOW,
    NAMELESS,
    SAVED,
    SHOWN,
    TYPE,
    Block,
    Canon,
    Saved,
    Shown,
    Type,
    Work,
)
from checker.native.kernels.forget import first_saved
from checker.native.kernels.language import Word, copy, fill, kernel, rare, u8, u16, u32, u64
from checker.native.kernels.naming import begin_names, name_these
from checker.native.kernels.unordered import compare_bytes, sort_arrays

MASK = 255
"""Never the number of a record."""


@rare
def offer(k: Canon, state: Word, scratch: Word) -> Word:
    """Sort a form's arrays, and keep it if it is the least so far."""
    work = Work(scratch)
    best = scratch + k.at_best
    sort_arrays(k, state)
    if work.offered == 0 or compare_bytes(state, best, k.size) == 0:
        copy(best, state, k.size)
    work.offered += 1
    return 0


@rare
def complete_names(k: Canon, scratch: Word, frame: Word, complete: Word) -> Word:
    """Offer all forms of the state in a frame, whose `given` records have names."""
    if complete:
        return offer(k, frame + k.frame_state, scratch)
    given_size = k.frame_rest
    state = frame + k.frame_state
    rest = frame + k.frame_rest
    copy(scratch + k.at_given, frame, given_size)
    begin_names(k, state, scratch, 1)
    count = nameless(k, scratch, rest)
    write_contents(k, state, scratch, rest, count)
    least = sort_nameless(k, scratch, rest, count)
    following = frame + k.frame_size
    if not refer(k, state, scratch, rest, count):  # equals are twins: exchanging them changes nothing
        copy(scratch + k.at_given, frame, given_size)
        name_these(k, state, scratch, rest, count)
        return offer(k, state, scratch)
    for i in range(least):
        if Work(scratch).offered >= k.forms:
            return 0
        copy(following + k.frame_state, state, k.size)
        copy(scratch + k.at_given, frame, given_size)
        done = name_these(k, following + k.frame_state, scratch, rest + 2 * i, 1)
        copy(following, scratch + k.at_given, given_size)
        complete_names(k, scratch, following, done)
    return 0


@rare
def nameless(k: Canon, scratch: Word, rest: Word) -> Word:
    """List the records in use without a name; how many there are."""
    count = 0
    for record in range(1, k.records + 1):
        if u8[scratch + k.at_marks + record] == NAMELESS:
            u16[rest + 2 * count] = record
            count += 1
    return count


@kernel
def is_nameless(k: Canon, state: Word, scratch: Word, ref: Word) -> Word:
    """Whether a reference is to a record in use without a name."""
    kind = k.types + (ref >> 32) * TYPE
    if kind >= k.types_stop:
        return 0
    return u8[scratch + k.at_marks + u16[Type(kind).ids + 2 * u8[state + (ref & LOW)]]] == NAMELESS


@rare
def mask(k: Canon, state: Word, scratch: Word) -> Word:
    """Put `MASK` for each reference to a record in use without a name."""
    marks = scratch + k.at_marks
    at = k.types
    while at < k.types_stop:
        ids = Type(at).ids
        place = Type(at).places
        while place < Type(at).places_stop:
            if u8[marks + u16[ids + 2 * u8[state + u32[place]]]] == NAMELESS:
                u8[state + u32[place]] = MASK
            place += 4
        at += TYPE
    at = k.saved
    while at < k.saved_stop:
        list_at = first_saved(Saved(at), state)
        ref = u64[list_at]
        while ref < u64[list_at + 8]:
            if is_nameless(k, state, scratch, u64[ref]):
                u8[state + (u64[ref] & LOW)] = MASK
            ref += 8
        at += SAVED
    return 0


@kernel
def places_of(k: Canon, record: Word) -> Word:
    """Where the list of the bytes of a record begins."""
    block = Block(k.blocks + u64[k.block_of + 8 * record] * BLOCK)
    return block.inside + 4 * (record - block.start) * block.bytes


@rare
def erase(k: Canon, state: Word, scratch: Word) -> Word:
    """Zeros for the cells of records in use without a name."""
    for record in range(1, k.records + 1):
        if u8[scratch + k.at_marks + record] == NAMELESS:
            places = places_of(k, record)
            for i in range(Block(k.blocks + u64[k.block_of + 8 * record] * BLOCK).bytes):
                u8[state + u32[places + 4 * i]] = 0
    return 0


@rare
def write_contents(k: Canon, state: Word, scratch: Word, rest: Word, count: Word) -> Word:
    """What can be said of each record without names that are not given yet: type, bytes, and how often arrays hold it."""
    view = scratch + k.at_view
    copy(view, state, k.size)
    mask(k, view, scratch)
    sort_arrays(k, view)
    for i in range(count):
        record = u16[rest + 2 * i]
        block = Block(k.blocks + u64[k.block_of + 8 * record] * BLOCK)
        out = scratch + k.at_content + record * k.content_size
        fill(out, 0, k.content_size)
        u8[out] = block.type
        out += 1
        places = places_of(k, record)
        for j in range(block.bytes):
            u8[out + j] = u8[view + u32[places + 4 * j]]
        write_counts(k, state, scratch, record, block.type, out + block.bytes)
    return 0


@kernel
def write_counts(k: Canon, state: Word, scratch: Word, record: Word, kind: Word, out: Word) -> Word:
    """How often each unordered array that lies in no nameless record refers to this one, more significant byte first."""
    ids = Type(k.types + kind * TYPE).ids
    at = k.shown
    while at < k.shown_stop:
        shown = Shown(at)
        if shown.type == kind and u8[scratch + k.at_marks + shown.owner] != NAMELESS:
            found = 0
            for i in range(shown.length):
                if u16[ids + 2 * u8[state + shown.at + i]] == record:
                    found += 1
            u8[out] = found >> 8
            u8[out + 1] = found
            out += 2
        at += SHOWN
    return 0


@kernel
def compare_contents(k: Canon, scratch: Word, a: Word, b: Word) -> Word:
    """As `compare_bytes`, of what is said of two records."""
    content = scratch + k.at_content
    return compare_bytes(content + a * k.content_size, content + b * k.content_size, k.content_size)


@rare
def sort_nameless(k: Canon, scratch: Word, rest: Word, count: Word) -> Word:
    """Order records by what is said of them; how many are like the first."""
    for i in range(1, count):
        record = u16[rest + 2 * i]
        j = i
        while j > 0 and compare_contents(k, scratch, u16[rest + 2 * (j - 1)], record) == 2:
            u16[rest + 2 * j] = u16[rest + 2 * (j - 1)]
            j -= 1
        u16[rest + 2 * j] = record
    least = 1
    while least < count and compare_contents(k, scratch, u16[rest], u16[rest + 2 * least]) == 1:
        least += 1
    return least


@rare
def refer(k: Canon, state: Word, scratch: Word, rest: Word, count: Word) -> Word:
    """Whether one of these records refers to one of them."""
    for i in range(count):
        record = u16[rest + 2 * i]
        ref = u64[k.inner + 8 * record]
        while ref < u64[k.inner + 8 * record + 8]:
            if is_nameless(k, state, scratch, u64[ref]):
                return 1
            ref += 8
    return 0
