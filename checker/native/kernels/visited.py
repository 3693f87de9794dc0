"""The visited set: open addressing by the upper bits of a fingerprint, in segments that one worker each writes to.

An entry is a fingerprint of one word or two, or, for exact storage, some bits of the fingerprint over the place of the
stored state. 0 is empty. Probing goes round within a segment, so no two workers ever touch the same memory.
"""

from __future__ import annotations

from checker.native.kernels.checks import equal, unpack
from checker.native.kernels.hashing import SEED, fingerprint
from checker.native.kernels.language import Word, kernel, u64
from checker.native.kernels.structs import FP64, FP128, SEGMENTS, SEGMENTS_LOG, Search, Worker

PLACE_BITS = 40
PLACE = (1 << PLACE_BITS) - 1
PROVISIONAL = 1 << 39
WORKER_SHIFT = 32
CANDIDATE = (1 << WORKER_SHIFT) - 1


@kernel
def owner(c: Search, first: Word) -> Word:
    """Which worker enters a fingerprint."""
    return ((first >> (64 - SEGMENTS_LOG)) * c.jobs) >> SEGMENTS_LOG


@kernel
def enter64(table: Word, bits: Word, first: Word) -> Word:
    """Enter a fingerprint: the address of its new entry, or 0 if it was there."""
    segment = (1 << (bits - SEGMENTS_LOG)) - 1
    i = first >> (64 - bits)
    while True:
        at = table + 8 * i
        found = u64[at]
        if found == 0:
            u64[at] = first
            return at
        if found == first:
            return 0
        i = (i & ~segment) | ((i + 1) & segment)
    return 0


@kernel
def enter128(table: Word, bits: Word, first: Word, second: Word) -> Word:
    """As `enter64`, for two words; the first is never 0."""
    segment = (1 << (bits - SEGMENTS_LOG)) - 1
    i = first >> (64 - bits)
    while True:
        at = table + 16 * i
        found = u64[at]
        if found == 0:
            u64[at] = first
            u64[at + 8] = second
            return at
        if found == first and u64[at + 8] == second:
            return 0
        i = (i & ~segment) | ((i + 1) & segment)
    return 0


@kernel
def enter_exact(c: Search, w: Worker, number: Word, first: Word) -> Word:
    """Enter a successor of a worker by its packed state; the entry is provisional until the state is stored."""
    bits = c.table_bits
    segment = (1 << (bits - SEGMENTS_LOG)) - 1
    tag = first << PLACE_BITS
    mine = w.successors + number * w.stride + c.size
    i = first >> (64 - bits)
    while True:
        at = c.table + 8 * i
        found = u64[at]
        if found == 0:
            u64[at] = tag | PROVISIONAL | (w.index << WORKER_SHIFT) | number
            return at
        if (found & ~PLACE) == tag and equal(stored_at(c, found & PLACE), mine, c.packed):
            return 0
        i = (i & ~segment) | ((i + 1) & segment)
    return 0


@kernel
def stored_at(c: Search, place: Word) -> Word:
    """Where the packed state of an entry lies: stored, from place 1, or in a worker's buffers."""
    if place & PROVISIONAL:
        v = Worker(c.workers + ((place & ~PROVISIONAL) >> WORKER_SHIFT) * c.worker_size)
        return v.successors + (place & CANDIDATE) * v.stride + c.size
    return c.stored + (place - 1) * c.packed


@kernel
def enter(c: Search, w: Worker, number: Word) -> Word:
    """Enter a successor of a worker: the address of its new entry, or 0 if its form was visited."""
    first = u64[w.fingerprints + 8 * number]
    if c.mode == FP64:
        return enter64(c.table, c.table_bits, first)
    if c.mode == FP128:
        return enter128(c.table, c.table_bits, first, u64[w.seconds + 8 * number])
    return enter_exact(c, w, number, first)


@kernel
def regrow(w: Worker, table: Word, bits: Word, source: Word, source_bits: Word) -> Word:
    """Fill the segments of one worker in a larger table from a smaller one."""
    c = Search(w.search)
    width = 16 if c.mode == FP128 else 8
    length = 1 << (source_bits - SEGMENTS_LOG)
    for segment in range(SEGMENTS):
        if ((segment * c.jobs) >> SEGMENTS_LOG) == w.index:
            at = source + segment * length * width
            end = at + length * width
            while at < end:
                found = u64[at]
                if found:
                    if c.mode == FP64:
                        enter64(table, bits, found)
                    elif c.mode == FP128:
                        enter128(table, bits, found, u64[at + 8])
                    else:
                        move(table, bits, stored_fingerprint(w, found & PLACE), found)
                at += width
    return 0


@kernel
def stored_fingerprint(w: Worker, place: Word) -> Word:
    """The fingerprint of a stored state, of which an exact entry keeps some bits only."""
    c = Search(w.search)
    unpack(stored_at(c, place), w.state)
    return fingerprint(w.state, c.words, SEED)


@kernel
def move(table: Word, bits: Word, home: Word, entry: Word) -> Word:
    """Put an entry that is in no table yet at the first free place behind its home."""
    segment = (1 << (bits - SEGMENTS_LOG)) - 1
    i = home >> (64 - bits)
    while u64[table + 8 * i]:
        i = (i & ~segment) | ((i + 1) & segment)
    u64[table + 8 * i] = entry
    return 0
