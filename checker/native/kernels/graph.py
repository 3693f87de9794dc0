"""A state graph, made by one worker: each step of each state is kept, with the number of the state that it leads to.

States are stored packed, in the order of their numbers; the table of exact storage gives the place of an equal one. What
is made, and in which order, is the same as `checker.search.explore_graph` makes.
"""

from __future__ import annotations

from checker.native.context import Run
from checker.native.kernels.checks import canonical, equal, pack, unpack
from checker.native.kernels.hashing import SEED, fingerprint
from checker.native.kernels.language import Struct, Word, copy, extern, kernel, u8, u32, u64
from checker.native.kernels.structs import FAILED, FULL, GROW, SEGMENTS_LOG, TOO_MANY, Collected, Search, Worker
from checker.native.kernels.successors import COLLECTED, expand, note_status
from checker.native.kernels.visited import PLACE, PLACE_BITS

MARKS_DIFFER = TOO_MANY + 4
"""A status: a liveness property says of a state something else than of its canonical form."""


class Graph(Struct):
    """The arrays of `checker.search.graph.StateGraph`, and how much of them is filled."""

    worker: Word  # one that collects
    expanded: Word
    steps: Word
    state_room: Word
    step_room: Word
    offsets: Word
    enabled: Word
    marked: Word
    target: Word  # u32
    thread: Word  # u8
    choice: Word  # u32
    properties: Word  # the numbers of those that mark the states, u64
    property_count: Word


@extern
def marks(state: Word, number: Word, run: Word) -> Word:
    """Evaluate a liveness property; what it says of the state, two bits, is left in the run's ``detail``."""
    raise NotImplementedError


@kernel
def enter_graph(g: Graph) -> Word:
    """Make state 0, as it stands in the worker's memory, the first of the graph; returns 0 or `FAILED`."""
    w = Worker(g.worker)
    copy(w.successors, w.state, Search(w.search).size)
    number_of(g, w.successors)
    return FAILED if w.status else 0


@kernel
def expand_graph(g: Graph, until: Word) -> Word:
    """Expand the states below a number, in order; returns 0 or what hinders it, and can then be called again."""
    w = Worker(g.worker)
    c = Search(w.search)
    while g.expanded < until:
        w.count = 0
        w.parent = g.expanded
        unpack(c.stored + g.expanded * c.packed, w.state)
        expand(w, w.state)
        note_errors(c, w)
        if w.status:
            return FAILED
        if c.states + w.count > g.state_room or g.steps + w.count > g.step_room:
            return FULL
        if c.states + w.count > c.room:
            return GROW
        keep_steps(g, w)
        if w.status:
            return FAILED
        g.expanded += 1
        u64[g.offsets + 8 * g.expanded] = g.steps
    return 0


@kernel
def note_errors(c: Search, w: Worker) -> Word:
    """Note the first step that ended neither well nor with a throw of the heap."""
    for i in range(w.count):
        s = Collected(w.violations + i * COLLECTED)
        if s.status and u8[c.throws + s.status] == 0:
            w.ordinal = i
            note_status(w, s.status, s.detail)
            return 0
    return 0


@kernel
def keep_steps(g: Graph, w: Worker) -> Word:
    """Append the steps of the present state, and the threads that can take one."""
    enabled = 0
    last = 0
    ordinal = 0
    for i in range(w.count):
        s = Collected(w.violations + i * COLLECTED)
        ordinal = ordinal + 1 if s.who == last else 0
        last = s.who
        enabled |= 1 << (last - 1)
        if s.status == 0:
            u32[g.target + 4 * g.steps] = number_of(g, w.successors + i * w.stride)
            u8[g.thread + g.steps] = last - 1
            u32[g.choice + 4 * g.steps] = ordinal
            g.steps += 1
    u64[g.enabled + 8 * g.expanded] = enabled
    return 0


@kernel
def number_of(g: Graph, state: Word) -> Word:
    """The number of a state's canonical form, a new one if need be."""
    w = Worker(g.worker)
    c = Search(w.search)
    form = w.spare
    copy(form, state, c.size)
    if c.reduces:
        failed = canonical(c.canon, form, w.scratch, w.observer)
        if failed:
            note_status(w, failed, Run(w.observer).detail)
            return 0
    packed = c.stored + c.states * c.packed
    pack(form, packed)
    first = fingerprint(form, c.words, SEED)
    entry = entry_of(c, first, packed)
    if u64[entry]:
        return (u64[entry] & PLACE) - 1
    u64[g.marked + 8 * c.states] = marks_of(g, form)
    if c.reduces and marks_of(g, state) != u64[g.marked + 8 * c.states]:
        note_status(w, MARKS_DIFFER, 0)
    c.states += 1
    u64[entry] = (first << PLACE_BITS) | c.states
    return c.states - 1


@kernel
def marks_of(g: Graph, state: Word) -> Word:
    """What the liveness properties say of a state."""
    w = Worker(g.worker)
    out = 0
    for k in range(g.property_count):
        failed = marks(state, u64[g.properties + 8 * k], w.observer)
        if failed:
            note_status(w, failed, Run(w.observer).detail)
        out |= Run(w.observer).detail << (2 * k)
    return out


@kernel
def entry_of(c: Search, first: Word, packed: Word) -> Word:
    """The address of a packed state's entry in the table: the one that it has, or the empty one that it would get."""
    segment = (1 << (c.table_bits - SEGMENTS_LOG)) - 1
    tag = first << PLACE_BITS
    i = first >> (64 - c.table_bits)
    while True:
        at = c.table + 8 * i
        found = u64[at]
        if found == 0:
            return at
        if (found & ~PLACE) == tag and equal(c.stored + ((found & PLACE) - 1) * c.packed, packed, c.packed):
            return at
        i = (i & ~segment) | ((i + 1) & segment)
    return 0
