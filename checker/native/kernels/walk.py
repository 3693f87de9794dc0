"""Random walks, by one worker that collects: the reference is `checker.search.python_walk`.

At each state a thread is drawn, and if it cannot step another one of those left; then one of its steps. Only that thread's
steps are executed. Only the step taken is checked, and properties only where the heap has changed.
"""

from __future__ import annotations

from checker.native.context import CHOICES, Run
from checker.native.kernels.draw import advanced, picked, started
from checker.native.kernels.graph import note_errors
from checker.native.kernels.language import Struct, Word, copy, extern, kernel, u64
from checker.native.kernels.noting import NOTED
from checker.native.kernels.structs import DEADLOCK, THROW, Collected, Search, Worker
from checker.native.kernels.successors import (
    COLLECTED,
    COLLECTED_CHOICE,
    at_rest,
    check_invariants,
    check_step,
    differ,
    note_status,
)

WALKING, VIOLATED, ENOUGH_WALKS, ENOUGH_STEPS, IDLE, FAILED = range(6)
"""Why walks have ended: something is violated, a bound is reached, no step leads out of state 0, or the spec failed."""

COLLECTED_FAILURES = COLLECTED_CHOICE + 8 * CHOICES


class Walk(Struct):
    """The walks of one seed: how far they may go, and how far they are."""

    worker: Word  # one that collects
    threads: Word
    order: Word  # a word for each thread: the order that drawing has brought them into
    initial: Word  # state 0
    seed: Word
    walks: Word  # how many there may be
    depth: Word  # steps that each may have
    most: Word  # steps that all may have
    walk: Word  # the present one, from 0
    at: Word  # its steps so far
    random: Word
    steps: Word
    longest: Word
    reason: Word
    code: Word  # what is violated


@extern
def steps_of(state: Word, run: Word, thread: Word) -> Word:
    """Step one thread; each successor goes through `begin_successor` and `end_successor`."""
    raise NotImplementedError


@kernel
def enter_walks(k: Walk) -> Word:
    """Check state 0, as it stands in the worker's memory, and begin the first walk; returns why that is all, or 0."""
    w = Worker(k.worker)
    copy(k.initial, w.state, Search(w.search).size)
    status = check_invariants(w.state, w.observer)
    if not conclude(k, w, status):
        begin_walk(k, w, 0)
    return k.reason


@kernel
def walk_on(k: Walk, more: Word) -> Word:
    """Take so many steps more, in as many walks as that needs; returns why there can be no other, or 0."""
    w = Worker(k.worker)
    until = k.steps + more
    while k.reason == WALKING and k.steps < until:
        if k.steps == k.most:
            k.reason = ENOUGH_STEPS
        elif k.at == k.depth:
            begin_walk(k, w, k.walk + 1)
        elif try_threads(k, w):
            take_step(k, w)
        elif k.reason == WALKING:
            end_walk(k, w)
    return k.reason


@kernel
def begin_walk(k: Walk, w: Worker, number: Word) -> Word:
    """Begin a walk at state 0, if there may be another."""
    if number == k.walks:
        k.reason = ENOUGH_WALKS
        return 0
    k.walk = number
    k.at = 0
    k.random = started(k.seed, number)
    for i in range(k.threads):
        u64[k.order + 8 * i] = i
    copy(w.state, k.initial, Search(w.search).size)
    return 0


@kernel
def end_walk(k: Walk, w: Worker) -> Word:
    """No thread can step: a deadlock, or the end of the walk; of all walks if it has not begun yet."""
    if not at_rest(w.state):
        violate(k, DEADLOCK)
    elif k.at:
        begin_walk(k, w, k.walk + 1)
    else:
        k.reason = IDLE
    return 0


@kernel
def try_threads(k: Walk, w: Worker) -> Word:
    """Draw threads until one can step; how many steps it has, which lie in the worker's buffer then."""
    left = k.threads
    while left:
        drawn = k.order + 8 * draw(k, left)
        left -= 1
        thread = u64[drawn]
        u64[drawn] = u64[k.order + 8 * left]
        u64[k.order + 8 * left] = thread
        w.count = 0
        w.ordinal = 0
        failed = steps_of(w.state, w.run, thread)
        if failed:
            note_status(w, failed, Run(w.run).detail)
        note_errors(Search(w.search), w)
        if w.status:
            k.reason = FAILED
            return 0
        if w.count:
            return w.count
    return 0


@kernel
def draw(k: Walk, count: Word) -> Word:
    """A number below ``count``, the next of this walk."""
    k.random = advanced(k.random)
    return picked(k.random, count)


@kernel
def take_step(k: Walk, w: Worker) -> Word:
    """Draw one of the steps in the buffer, and check it."""
    c = Search(w.search)
    number = draw(k, w.count)
    s = Collected(w.violations + number * COLLECTED)
    after = w.successors + number * w.stride
    k.steps += 1
    k.at += 1
    k.longest = max(k.longest, k.at)
    if s.failures:
        violate(k, u64[s + COLLECTED_FAILURES])
    elif s.status:
        violate(k, THROW | s.status)
    elif differ(w.state, after, c.heap):
        check_change(k, w, after)
    copy(w.state, after, c.size)
    return 0


@kernel
def check_change(k: Walk, w: Worker, after: Word) -> Word:
    """Check the step properties and then the invariants; the first clause that fails ends the walks."""
    if Search(w.search).steps_checked:
        status = check_step(w.state, after, w.observer)
        if conclude(k, w, status):
            return 0
    status = check_invariants(after, w.observer)
    conclude(k, w, status)
    return 0


@kernel
def conclude(k: Walk, w: Worker, status: Word) -> Word:
    """Take over what an evaluation came to; why that is the end, or 0."""
    o = Run(w.observer)
    if status:
        note_status(w, status, o.detail)
        k.reason = FAILED
    elif o.failures:
        violate(k, u64[w.observer + NOTED])
    o.failures = 0
    return k.reason


@kernel
def violate(k: Walk, code: Word) -> Word:
    """End the walks with a violation."""
    k.code = code
    k.reason = VIOLATED
    return 0
