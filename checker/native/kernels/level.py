"""Expanding a level: block after block of parents, each in three phases with all workers in step.

1. Expand: workers take chunks of parents and put all successors, with fingerprints, into buffers of their own.
2. Insert: each worker goes through all successors of the block in order, and enters those that fall into its segments of
   the visited set. So of equal successors the first is new, whoever found it.
3. Store: each worker checks its new successors, and packs them to the places in the next level that their order gives them.

Therefore the states, their order, and what is seen first are the same for any number of workers. The fingerprints of a
block are known, and their table entries under way, long before they are looked at: the memory's latency is hidden.
"""

from __future__ import annotations

from checker.native.context import Run
from checker.native.kernels.checks import canonical, check_form, pack, unpack
from checker.native.kernels.hashing import SECOND_SEED, SEED, fingerprint
from checker.native.kernels.language import Word, atomic_add, atomic_load, atomic_store, copy, kernel, sched_yield, u16, u64
from checker.native.kernels.noting import NOTED
from checker.native.kernels.structs import (
    EXACT,
    EXPAND,
    FAILED,
    FULL,
    GROW,
    IN_STATE,
    INSERT,
    LEVEL_DONE,
    RUNNING,
    STOPPED,
    TOO_MANY_STATES,
    Chunk,
    Search,
    Worker,
)
from checker.native.kernels.successors import (
    check_invariants,
    expand,
    note_at,
    note_status,
)
from checker.native.kernels.visited import PLACE, enter, owner

CHUNK = Chunk.sizeof()
FRESH = Chunk.offset("fresh")
NEXT_CHUNK = Search.offset("next_chunk")
WAITING = Search.offset("waiting")
BARRIERS = Search.offset("barriers")
CANDIDATES = Search.offset("candidates")

PATIENCE = 4000
"""Looks at the others before the processor is given up."""

NOTHING, MAKE_ROOM, END_BLOCK = range(3)


@kernel
def explore_level(c: Search, w: Worker) -> Word:
    """Work on the present level until it is done, or until there is a reason to ask the caller."""
    while c.reason == RUNNING:
        if c.phase == EXPAND:
            expand_chunks(c, w)
            arrive(c, MAKE_ROOM)
            if c.reason != RUNNING:
                break
        insert_block(c, w)
        arrive(c, NOTHING)
        store_block(c, w)
        arrive(c, END_BLOCK)
    return c.reason


@kernel
def enter_initial(c: Search, w: Worker, state: Word) -> Word:
    """Check state 0, and make its canonical form the first of the next level; returns the status of the check."""
    failed = check_invariants(state, w.observer)
    if failed:
        return failed
    copy(w.successors, state, c.size)
    if c.reduces:
        failed = canonical(c.canon, w.successors, w.scratch, w.observer)
        if failed:
            return failed
    if c.checked:
        failed = check_form(c, w, w.successors)
        if failed:
            return failed
    u64[w.fingerprints] = fingerprint(w.successors, c.words, SEED)
    u64[w.seconds] = fingerprint(w.successors, c.words, SECOND_SEED)
    form = w.successors + c.size
    pack(w.successors, form)
    slot = enter(c, w, 0)
    copy(c.following, form, c.packed)
    if c.mode == EXACT:
        u64[slot] = (u64[slot] & ~PLACE) | 1
    c.states = 1
    return 0


@kernel
def arrive(c: Search, what: Word) -> Word:
    """Wait until every worker is here; the last one does what only one may do, and lets the others go on."""
    if c.jobs == 1:
        return act(c, what)
    round_ = atomic_load(c + BARRIERS)
    if atomic_add(c + WAITING, 1) == c.jobs - 1:
        act(c, what)
        atomic_store(c + WAITING, 0)
        atomic_store(c + BARRIERS, round_ + 1)
        return 0
    patience = PATIENCE
    while atomic_load(c + BARRIERS) == round_:
        if patience:
            patience -= 1
        else:
            sched_yield()
    return 0


@kernel
def act(c: Search, what: Word) -> Word:
    """What is done between two phases."""
    if what == MAKE_ROOM:
        return make_room(c)
    if what == END_BLOCK:
        return end_block(c)
    return 0


@kernel
def begin_block(c: Search) -> Word:
    """Lay out the next block."""
    left = c.level_count - c.level_at
    chunks = min((left + c.chunk - 1) // c.chunk, c.chunks)
    c.block_end = min(c.level_at + chunks * c.chunk, c.level_count)
    c.next_chunk = 0
    c.candidates = 0
    c.phase = EXPAND
    for i in range(c.jobs):
        Worker(c.workers + i * c.worker_size).count = 0
    return 0


@kernel
def expand_chunks(c: Search, w: Worker) -> Word:
    """Take chunks, in order, until there is none left or the buffers are half full."""
    chunks = (c.block_end - c.level_at + c.chunk - 1) // c.chunk
    while w.count <= w.capacity // 2:
        number = atomic_add(c + NEXT_CHUNK, 1)
        if number >= chunks:
            return 0
        d = Chunk(c.directory + number * CHUNK)
        d.worker = w.index
        d.first = w.count
        d.fresh = 0
        parent = c.level_at + number * c.chunk
        end = min(parent + c.chunk, c.block_end)
        while parent < end:
            w.parent = parent
            unpack(c.level + parent * c.packed, w.state)
            expand(w, w.state)
            parent += 1
        d.count = w.count - d.first
        atomic_add(c + CANDIDATES, d.count)
    return 0  # what was not taken is the next block's


@kernel
def make_room(c: Search) -> Word:
    """End the block behind the last chunk that was taken, and see to it that all successors can be entered and stored."""
    c.phase = INSERT
    c.block_end = min(c.level_at + c.next_chunk * c.chunk, c.block_end)
    for i in range(c.jobs):
        if Worker(c.workers + i * c.worker_size).status:
            c.reason = FAILED
            return 0
    if c.following_count + c.candidates > c.following_room:
        c.reason = FULL
    elif c.states + c.candidates > c.room:
        c.reason = GROW
    return 0


@kernel
def insert_block(c: Search, w: Worker) -> Word:
    """Enter the block's successors, in order, as far as they are this worker's."""
    chunks = (c.block_end - c.level_at + c.chunk - 1) // c.chunk
    for number in range(chunks):
        d = Chunk(c.directory + number * CHUNK)
        v = Worker(c.workers + d.worker * c.worker_size)
        fresh = 0
        i = d.first
        end = i + d.count
        while i < end:
            if c.jobs == 1 or owner(c, u64[v.fingerprints + 8 * i]) == w.index:
                slot = enter(c, v, i)
                u64[v.slots + 8 * i] = slot
                if slot:
                    fresh += 1
            i += 1
        if fresh:
            atomic_add(d + FRESH, fresh)
    return 0


@kernel
def store_block(c: Search, w: Worker) -> Word:
    """Check and store this worker's new successors."""
    chunks = (c.block_end - c.level_at + c.chunk - 1) // c.chunk
    place = c.following_count
    for number in range(chunks):
        d = Chunk(c.directory + number * CHUNK)
        if d.worker == w.index:
            at = place
            i = d.first
            end = i + d.count
            while i < end:
                slot = u64[w.slots + 8 * i]
                if slot:
                    store(c, w, i, slot, at)
                    at += 1
                i += 1
        place += d.fresh
    return 0


@kernel
def store(c: Search, w: Worker, i: Word, slot: Word, place: Word) -> Word:
    """Check one new state, and put it at its place in the next level."""
    after = w.successors + i * w.stride
    origin = u64[w.origins + 8 * i]
    failed = check_invariants(after, w.observer)
    if failed:
        w.parent = origin >> 16
        w.ordinal = origin & 0xFFFF
        note_status(w, failed, Run(w.observer).detail)
    if Run(w.observer).failures:
        note_state(w, origin)
    to = c.following + place * c.packed
    if c.mode == EXACT:
        copy(to, after + c.size, c.packed)
        u64[slot] = (u64[slot] & ~PLACE) | (c.before + place + 1)
    else:
        pack(after + c.size if c.reduces else after, to)
    u16[c.ordinals + 2 * place] = origin & 0xFFFF
    of = c.children + 2 * (origin >> 16)
    u16[of] = u16[of] + 1
    return 0


@kernel
def note_state(w: Worker, origin: Word) -> Word:
    """Note the invariants that a new state breaks."""
    o = Run(w.observer)
    for i in range(o.failures):
        note_at(w, u64[w.observer + NOTED + 8 * i], ((origin >> 16) << 24) | ((origin & 0xFFFF) << 8) | IN_STATE)
    o.failures = 0
    return 0


@kernel
def end_block(c: Search) -> Word:
    """Count what the block gave, and see whether to go on."""
    chunks = (c.block_end - c.level_at + c.chunk - 1) // c.chunk
    fresh = 0
    for number in range(chunks):
        fresh += Chunk(c.directory + number * CHUNK).fresh
    c.following_count += fresh
    c.states += fresh
    for i in range(c.jobs):
        w = Worker(c.workers + i * c.worker_size)
        c.transitions += w.transitions
        w.transitions = 0
        if w.status:
            c.reason = FAILED
    c.level_at = c.block_end
    c.widest = max(c.widest, c.candidates)
    begin_block(c)
    if c.reason != RUNNING:
        return 0
    if c.level_at == c.level_count:
        c.reason = LEVEL_DONE
    elif c.states > c.max_states and c.level_at % c.look == 0:
        c.reason = TOO_MANY_STATES
    elif c.stop:
        c.reason = STOPPED
    elif c.states + 2 * c.widest > c.room:  # here a search that cannot grow can be saved; `make_room` looks again
        c.reason = GROW
    return 0
