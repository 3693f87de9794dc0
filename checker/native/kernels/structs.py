"""The memory of one search: what all workers share, and what each has for itself."""

from __future__ import annotations

from checker.native.kernels.language import Struct, Word

FP64, FP128, EXACT = 0, 1, 2
"""What the visited set keeps of a state: a fingerprint of one word, of two, or where the state itself is stored."""

RUNNING, LEVEL_DONE, GROW, STOPPED, TOO_MANY_STATES, FAILED, FULL = range(7)
"""Why `explore_level` has returned."""

EXPAND, INSERT = 0, 1
"""Where in a block of parents the search goes on."""

LOOK = 8192
"""Parents between two looks at the bound on states: where a search stops does not depend on the number of workers."""

SEGMENTS_LOG = 6
SEGMENTS = 64
"""Parts of the visited set, each in the hands of one worker: by the upper bits of a fingerprint."""

THROW = 1 << 62
DEADLOCK = 1 << 63
"""Kinds of violations, beside property << 32 | clause."""

AT_END, THROWN, IN_STEP, IN_STATE = range(4)
"""When a violation of a successor shows, in this order."""

VIOLATIONS = 256
"""Different violations that one worker can note."""

TOO_MANY = 1 << 32
"""A status of the search itself: one state has more successors than their number can say."""


OUT_OF_RANGE, LOST_IN_PACKING, NO_FIXED_POINT = (TOO_MANY + 1, TOO_MANY + 2, TOO_MANY + 3)
"""Statuses of a checked search: a defect of the tool."""


class Cell(Struct):
    """A cell of the heap: where it lies, its bytes, and the greatest number that it stores."""

    at: Word
    width: Word
    top: Word


class Chunk(Struct):
    """Parents that one worker expands in one go, and the successors that it found: ``first`` of ``count`` in its buffers."""

    worker: Word
    first: Word
    count: Word
    fresh: Word


class Search(Struct):
    """Shared by all workers; written by one of them, between two barriers."""

    jobs: Word
    mode: Word
    size: Word  # of a state in whole words, bytes
    words: Word
    heap: Word  # bytes of the part that properties see
    packed: Word  # bytes of a packed state
    reduces: Word  # 1: states have canonical forms other than themselves
    canon: Word
    steps_checked: Word  # 1: there are step properties
    checked: Word  # 1: every state is checked
    cells: Word
    cell_count: Word
    throws: Word  # for each status a byte: 1 for a throw of the heap
    chunk: Word  # parents in a chunk
    chunks: Word  # chunks in a block
    table: Word
    table_bits: Word
    room: Word  # states that the table is filled to
    level: Word  # packed states of this level
    level_count: Word
    level_at: Word  # the next to be expanded
    following: Word  # packed states of the next level
    following_count: Word
    following_room: Word
    before: Word  # states stored before the next level's first, for exact storage
    stored: Word  # all packed states, for exact storage
    ordinals: Word  # for each state of the next level, which successor of its parent it is
    children: Word  # for each state of this level, how many new states it led to
    states: Word
    transitions: Word
    widest: Word  # the most successors that a block had
    max_states: Word
    look: Word  # parents between two looks at max_states
    stop: Word  # set from outside
    reason: Word
    phase: Word
    block_end: Word
    next_chunk: Word
    candidates: Word
    directory: Word
    waiting: Word
    barriers: Word
    workers: Word
    worker_size: Word


class Worker(Struct):
    """One worker's own memory; its two `Run` blocks lie elsewhere."""

    search: Word
    index: Word
    run: Word
    observer: Word
    state: Word  # the parent
    scratch: Word  # of the canonical form
    spare: Word  # two states
    fingerprints: Word
    seconds: Word  # second words of fingerprints
    origins: Word  # parent << 16 | ordinal
    slots: Word  # where in the table the successor was entered; 0: it was there already
    successors: Word  # states, each with its canonical form behind it
    stride: Word
    capacity: Word
    count: Word
    parent: Word
    ordinal: Word
    transitions: Word
    collects: Word  # 1: successors are wanted as they are
    violations: Word
    violation_count: Word
    status: Word
    detail: Word
    status_origin: Word


class Violation(Struct):
    """The first time that a worker saw one in a level: parent << 24 | ordinal << 8 | when."""

    code: Word
    order: Word


class Collected(Struct):
    """A successor as it is, for one who asks for those of a single state."""

    who: Word
    status: Word
    detail: Word
    failures: Word
    choice: Word  # the first of CHOICES words, then the failures
