"""What becomes of a successor: it is checked, brought into canonical form, and put into the worker's buffers."""

from __future__ import annotations

from checker.native.context import CHOICES, FAILURES, Run
from checker.native.kernels.checks import canonical, check_form, pack
from checker.native.kernels.hashing import SECOND_SEED, SEED, fingerprint
from checker.native.kernels.language import Word, copy, extern, kernel, prefetch, u8, u64
from checker.native.kernels.noting import NOTED
from checker.native.kernels.structs import (
    AT_END,
    DEADLOCK,
    EXACT,
    FP64,
    FP128,
    IN_STEP,
    THROW,
    THROWN,
    TOO_MANY,
    VIOLATIONS,
    Collected,
    Search,
    Violation,
    Worker,
)

CHOSEN = Run.offset("choice")
COLLECTED_CHOICE = Collected.offset("choice")
COLLECTED = COLLECTED_CHOICE + 8 * (CHOICES + FAILURES)
VIOLATION = Violation.sizeof()
MOST_SUCCESSORS = 1 << 16


@extern
def successors(state: Word, run: Word) -> Word:
    """Step every thread; each successor goes through `begin_successor` and `end_successor`."""
    raise NotImplementedError


@extern
def check_step(before: Word, after: Word, run: Word) -> Word:
    """Evaluate the step properties."""
    raise NotImplementedError


@extern
def at_rest(state: Word) -> Word:
    """Whether every thread has returned or waits at a resting place."""
    raise NotImplementedError


@extern
def check_invariants(state: Word, run: Word) -> Word:
    """Evaluate the invariants."""
    raise NotImplementedError


@kernel
def begin_successor(run: Word, state: Word) -> Word:
    """A copy of the parent, to be stepped."""
    w = Worker(Run(run).worker)
    if w.count >= w.capacity:
        note_status(w, TOO_MANY, w.capacity)
        w.count = 0
    after = w.successors + w.count * w.stride
    copy(after, state, Search(w.search).size)
    return after


@kernel
def end_successor(run: Word, state: Word, after: Word, status: Word, detail: Word) -> Word:
    """Take a successor over, unless a throw or an error ended its step."""
    w = Worker(Run(run).worker)
    c = Search(w.search)
    if w.collects:
        return collect(w, Run(run), status, detail)
    w.transitions += 1
    w.ordinal += 1
    if Run(w.observer).failures:
        note_failures(w, AT_END)
    if status:
        if u8[c.throws + status]:
            note(w, THROW | status, THROWN)
        else:
            note_status(w, status, detail)
        return 0
    if c.steps_checked and differ(state, after, c.heap):
        failed = check_step(state, after, w.observer)
        if failed:
            note_status(w, failed, Run(w.observer).detail)
        if Run(w.observer).failures:
            note_failures(w, IN_STEP)
    form = after
    if c.reduces:
        form = after + c.size
        copy(form, after, c.size)
        failed = canonical(c.canon, form, w.scratch, w.observer)
        if failed:
            note_status(w, failed, Run(w.observer).detail)
    if c.checked:
        failed = check_form(c, w, form)
        if failed:
            note_status(w, failed, 0)
    first = fingerprint(form, c.words, SEED)
    i = w.count
    u64[w.fingerprints + 8 * i] = first
    u64[w.origins + 8 * i] = (w.parent << 16) | (w.ordinal - 1)
    if c.mode == FP64:
        prefetch(c.table + ((first >> (64 - c.table_bits)) << 3))
    elif c.mode == FP128:
        u64[w.seconds + 8 * i] = fingerprint(form, c.words, SECOND_SEED)
        prefetch(c.table + ((first >> (64 - c.table_bits)) << 4))
    else:
        prefetch(c.table + ((first >> (64 - c.table_bits)) << 3))
    if c.mode == EXACT:
        pack(form, after + c.size)
    w.count = i + 1
    return 0


@kernel
def expand(w: Worker, state: Word) -> Word:
    """All successors of a state, and whether it is a deadlock."""
    w.ordinal = 0
    failed = successors(state, w.run)
    if failed:
        note_status(w, failed, Run(w.run).detail)
    if w.ordinal == 0 and not w.collects:
        if not at_rest(state):
            note(w, DEADLOCK, AT_END)
    if w.ordinal > MOST_SUCCESSORS:
        note_status(w, TOO_MANY, w.ordinal)
    return 0


@kernel
def differ(a: Word, b: Word, length: Word) -> Word:
    """Whether the first bytes of two states differ."""
    at = 0
    while at + 8 <= length:
        if u64[a + at] != u64[b + at]:
            return 1
        at += 8
    while at < length:
        if u8[a + at] != u8[b + at]:
            return 1
        at += 1
    return 0


@kernel
def note_failures(w: Worker, when: Word) -> Word:
    """Note the clauses that have just failed, and forget them."""
    o = Run(w.observer)
    for i in range(o.failures):
        note(w, u64[w.observer + NOTED + 8 * i], when)
    o.failures = 0
    return 0


@kernel
def note(w: Worker, code: Word, when: Word) -> Word:
    """Note a violation of the present successor, if it is the first of its kind in this level."""
    ordinal = w.ordinal - 1 if w.ordinal else 0
    return note_at(w, code, (w.parent << 24) | (ordinal << 8) | when)


@kernel
def note_at(w: Worker, code: Word, order: Word) -> Word:
    """Note a violation; of the same kind the first is kept."""
    for i in range(w.violation_count):
        v = Violation(w.violations + i * VIOLATION)
        if v.code == code:
            if order < v.order:
                v.order = order
            return 0
    if w.violation_count < VIOLATIONS:
        v = Violation(w.violations + w.violation_count * VIOLATION)
        v.code = code
        v.order = order
        w.violation_count += 1
    return 0


@kernel
def note_status(w: Worker, status: Word, detail: Word) -> Word:
    """Note that the spec failed, if it is the first time."""
    origin = (w.parent << 16) | w.ordinal
    if w.status == 0 or origin < w.status_origin:
        w.status = status
        w.detail = detail
        w.status_origin = origin
    return 0


@kernel
def collect(w: Worker, r: Run, status: Word, detail: Word) -> Word:
    """Keep a successor as it is, with what its step chose and failed; its number is its place in the buffer."""
    o = Run(w.observer)
    to = Collected(w.violations + w.count * COLLECTED)
    to.who = r.who
    to.status = status
    to.detail = detail
    to.failures = o.failures
    copy(to + COLLECTED_CHOICE, r + CHOSEN, 8 * CHOICES)
    copy(to + COLLECTED_CHOICE + 8 * CHOICES, w.observer + NOTED, 8 * FAILURES)
    o.failures = 0
    w.count += 1
    w.ordinal += 1
    return 0
