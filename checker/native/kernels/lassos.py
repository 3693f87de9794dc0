"""Where a run can stay for ever without a goal, in a state graph: step by step what `checker.search.liveness` does."""

from __future__ import annotations

from checker.native.kernels.language import Struct, Word, kernel, u8, u32, u64

NONE = ~0 & 0xFFFFFFFFFFFFFFFF
MET, OWING = 1, 2


class Stays(Struct):
    """A graph, what is looked for in it, and room for what is found out about each of its states, a word each."""

    states: Word
    expanded: Word
    offsets: Word
    target: Word  # u32
    thread: Word  # u8
    enabled: Word
    marks: Word
    after: Word  # masks of marks
    goal: Word
    fair: Word  # a mask of threads
    flags: Word  # u8
    order: Word  # the states that can owe the goal
    order_count: Word
    before: Word
    since: Word
    component: Word
    number: Word
    low: Word
    following: Word
    path: Word
    open: Word
    seen: Word
    lasting: Word  # u8


@kernel
def find_pending(a: Stays) -> Word:
    """Search in two layers: before the condition held, and since then without the goal. ``path`` holds the first."""
    level = 0
    level_end = 1
    owed = 0
    owed_end = 0
    u8[a.flags] = MET
    u64[a.path] = 0
    while level < level_end or owed < owed_end:
        for i in range(level, level_end):
            s = u64[a.path + 8 * i]
            if u64[a.marks + 8 * s] & (a.after | a.goal) == a.after and u8[a.flags + s] & OWING == 0:
                u8[a.flags + s] = u8[a.flags + s] | OWING
                u64[a.order + 8 * owed_end] = s
                owed_end += 1
        met = level_end
        for i in range(level, level_end):
            met = note_targets(a, u64[a.path + 8 * i], MET, 0, a.before, a.path, met)
        owing = owed_end
        for i in range(owed, owed_end):
            owing = note_targets(a, u64[a.order + 8 * i], OWING, a.goal, a.since, a.order, owing)
        level = level_end
        level_end = met
        owed = owed_end
        owed_end = owing
    a.order_count = owed_end
    return 0


@kernel
def note_targets(a: Stays, s: Word, flag: Word, but: Word, came: Word, to: Word, count: Word) -> Word:
    """Append the targets of a state that have not got a flag and none of some marks; returns how many there are then."""
    for e in range(u64[a.offsets + 8 * s], u64[a.offsets + 8 * s + 8]):
        t = u32[a.target + 4 * e]
        if u8[a.flags + t] & flag == 0 and u64[a.marks + 8 * t] & but == 0:
            u8[a.flags + t] = u8[a.flags + t] | flag
            u64[came + 8 * t] = e
            u64[to + 8 * count] = t
            count += 1
    return count


@kernel
def find_components(a: Stays) -> Word:
    """Number the strongly connected components of the states that are owing; ``component`` and ``number`` are `NONE` before."""
    found = 0
    count = 0
    for root in range(a.states):
        if u8[a.flags + root] & OWING == 0 or u64[a.number + 8 * root] != NONE:
            continue
        found = begin_state(a, root, found)
        u64[a.path] = root
        u64[a.open] = root
        path = 1
        open_ = 1
        while path:
            s = u64[a.path + 8 * path - 8]
            e = u64[a.following + 8 * s]
            if e < u64[a.offsets + 8 * s + 8]:
                u64[a.following + 8 * s] = e + 1
                t = u32[a.target + 4 * e]
                if u8[a.flags + t] & OWING == 0:
                    continue
                if u64[a.number + 8 * t] == NONE:
                    found = begin_state(a, t, found)
                    u64[a.path + 8 * path] = t
                    u64[a.open + 8 * open_] = t
                    path += 1
                    open_ += 1
                elif u64[a.component + 8 * t] == NONE:
                    u64[a.low + 8 * s] = min(u64[a.low + 8 * s], u64[a.number + 8 * t])
                continue
            path -= 1
            if path:
                above = u64[a.path + 8 * path - 8]
                u64[a.low + 8 * above] = min(u64[a.low + 8 * above], u64[a.low + 8 * s])
            if u64[a.low + 8 * s] == u64[a.number + 8 * s]:
                t = NONE
                while t != s:
                    open_ -= 1
                    t = u64[a.open + 8 * open_]
                    u64[a.component + 8 * t] = count
                count += 1
    return count


@kernel
def begin_state(a: Stays, s: Word, found: Word) -> Word:
    """Number a state that has been reached; returns the next number."""
    u64[a.number + 8 * s] = found
    u64[a.low + 8 * s] = found
    u64[a.following + 8 * s] = u64[a.offsets + 8 * s]
    return found + 1


@kernel
def find_entry(a: Stays) -> Word:
    """The nearest owing state from which a run can stay in its component and be fair; `NONE` if there is none."""
    for i in range(a.order_count):
        s = u64[a.order + 8 * i]
        c = u64[a.component + 8 * s]
        kept = ~u64[a.enabled + 8 * s]
        for e in range(u64[a.offsets + 8 * s], u64[a.offsets + 8 * s + 8]):
            if u64[a.component + 8 * u32[a.target + 4 * e]] == c:
                kept |= 1 << u8[a.thread + e]
                u8[a.lasting + c] = 1
        if s < a.expanded and u64[a.enabled + 8 * s] == 0:
            u8[a.lasting + c] = 1
        u64[a.seen + 8 * c] = u64[a.seen + 8 * c] | kept
    for i in range(a.order_count):
        s = u64[a.order + 8 * i]
        c = u64[a.component + 8 * s]
        if u8[a.lasting + c] and u64[a.seen + 8 * c] & a.fair == a.fair:
            return s
    return NONE
