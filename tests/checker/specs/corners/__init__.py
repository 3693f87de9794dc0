"""Every construct of the language, in corners that a heap may never visit; the scenarios are compared in all executions."""

from __future__ import annotations

from typing import Annotated

from spec.language import (
    LOCK_FREE,
    Lock,
    Parameters,
    Racy,
    Range,
    Scenario,
    Size,
    Thread,
    Wrap,
    acquire,
    cas,
    check,
    choose,
    end_of,
    given,
    invariant,
    parameter,
    release,
    step,
    step_property,
    throw,
    throw_if,
    u32,
    u64,
    wait,
    xadd,
)


class Sys(Parameters):
    """Bounds."""

    word_bits = parameter(16, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    workers = parameter(2, hi=4, doc="workers")
    cells = parameter(3, hi=8, doc="cells of each worker")
    low = parameter(0, lo=-9, hi=9, doc="least operand")


sys = Sys()
Small = Annotated[int, Range(-100, 100)]
Word = Annotated[int, Wrap("word_bits")]
TABLE = (5, -3, 2, 7)


class Item:
    """A link."""

    value: Annotated[Small, Racy()]
    next: Annotated[Item | None, Racy("lock")]


class Worker:
    """A thread's record."""

    numbers: Annotated[list[Small], Size("cells")]
    words: Annotated[list[Word], Size("cells")]
    items: Annotated[list[Item], Size("cells")]
    chosen: Item | None
    done: bool


class Root:
    """The state."""

    lock: Lock
    workers: Annotated[list[Worker], Size("workers")]
    first: Annotated[Item | None, Racy("lock")]
    x: Annotated[Small, Racy("lock")]
    y: Annotated[Small, Racy()]
    flags: Annotated[list[bool], Size(3), Racy()]
    word: Annotated[Word, Racy()]
    gen: Annotated[int, Wrap("gen_bits"), Racy("lock")]
    results: Annotated[list[Small], Size(24)]
    turns: Annotated[int, Range(0, 1000)]


def initial(r: Root) -> None:
    """Build state 0."""
    for i in range(sys.workers):
        for j in range(sys.cells):
            r.workers[i].items[j].value = 10 * i + j
            r.workers[i].numbers[j] = -j
    r.first = r.workers[0].items[0]
    r.flags[1] = True


# numbers


def arithmetic(r: Root) -> None:
    """Operate on all pairs of small numbers, negative ones included."""
    while True:
        a, b = choose(range(-4, 4), range(-3, 4), where=lambda a, b: b != 0 or a == r.turns % 3)
        out(r, a, b)
        r.turns = (r.turns + 1) % 1000


def out(r: Root, a: int, b: int) -> None:
    """Store the results."""
    if b != 0:
        r.results[0] = a // b
        r.results[1] = a % b
        r.results[2] = -a // b - a % -b
    r.results[3] = a >> 1
    r.results[4] = (a << 2) >> (b & 3)
    r.results[5] = (a & b) + (a | b) - (a ^ b)
    r.results[6] = ~a + min(a, b) * max(a, b)
    r.results[7] = u32(a - b)
    r.results[8] = u64(a) % 91
    r.results[9] = TABLE[(a + b) & 3]
    r.results[10] = (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b) + 16 * (a > b)
    r.results[11] = 1 if a < 0 <= b < 3 else 2 if a > b > -2 else 3
    r.word = a * 40000 + b
    r.gen = a - 3
    r.gen -= 2 * b
    r.word += 65535
    r.results[12] = r.gen
    r.results[13] = r.word % 97
    r.results[14] = (a > 0) + (not b > 0)


# control


def control(r: Root, w: Worker) -> None:
    """Loops with every way out, racy accesses in conditions, calls in expressions."""
    while True:
        request = choose(range(6))
        if request == 0:
            search(r, w)
        elif request == 1:
            w.numbers[1] = total(r, w) % 50
        elif request == 2:
            push(r, w)
        elif request == 3:
            swap(r, w)
        elif request == 4:
            a, b = both(r, w)
            w.numbers[2] = a - b
        else:
            tricky(r, w)


def search(r: Root, w: Worker) -> None:
    """Walk the list without the lock."""
    s = r.first
    n: Small = 0
    while s is not None and (s.value != 2 or n > 3):
        n += 1
        if n > 5:
            break
        if s.value == 1:
            s = s.next
            continue
        s = s.next
    w.chosen = s
    w.done = s is None


def total(r: Root, w: Worker) -> int:
    """Add up what others change."""
    t: Small = 0
    for i in range(sys.cells):
        if not r.flags[i]:
            continue
        t = (t + w.items[i].value + r.y) % 50
        if t > 40:
            return t
    return t


def push(r: Root, w: Worker) -> None:
    """Link an item under the lock; the loads are protected."""
    acquire(r.lock)
    item = w.items[r.x % sys.cells]
    if not linked(r, item):
        item.next = r.first
        r.first = item
    else:
        r.first = None
        for i in range(sys.workers):
            for j in range(sys.cells):
                r.workers[i].items[j].next = None
    r.x = (r.x + 1) % 9
    r.gen += 1
    release(r.lock)


def linked(r: Root, item: Item) -> bool:
    """Whether an item is in the list."""
    s = r.first
    while s is not None:
        if s is item:
            return True
        s = s.next
    return False


def swap(r: Root, w: Worker) -> None:
    """Atomic operations in expressions, and one racy increment."""
    before = r.y
    if cas(r, "y", before, (before + 1) % 7) and xadd(r, "word", 3) > 20:
        w.words[0] = xadd(r, "word", -7)
    r.y = (r.y + 1) % 30
    w.words[sys.cells - 1] += r.word * (2 if r.flags[0] else 3)


def both(r: Root, w: Worker) -> tuple[Small, Small]:
    """Return two values that were read at different times."""
    a = r.x
    step()
    w.numbers[0] = a
    return a, r.y + pick(r, a)


def pick(r: Root, a: Small) -> int:
    """Read one of two cells."""
    return r.y if a < 3 < r.x else r.x


def tricky(r: Root, w: Worker) -> None:
    """Short circuit over racy reads, chains, and values that live across points."""
    i: Annotated[int, Range(0, 2)] = r.x % 3
    r.flags[i] = not r.flags[(i + 1) % 3] or (r.y > 3 and r.x < 5 < r.y + 3)
    old = r.y
    kept = w.numbers[1]
    wait(lambda: r.turns == 0 or old > 90, rest=True)
    w.numbers[2] = old - kept
    acquire(r.lock)
    if r.x == 4 and w.done:
        release(r.lock)
        return
    w.words[1] = u64(kept - r.x)
    step()
    r.results[15 + i] = old
    release(r.lock)


# ends


def throwing(r: Root, w: Worker) -> None:
    """Throw in a called function after a store; the caller must not go on."""
    while True:
        a = choose(range(5))
        grow(r, a)
        r.y = a


def grow(r: Root, a: Small) -> None:
    """Count up, and stop at 30."""
    r.turns += a
    deeper(r)
    r.results[23] = r.turns % 100


def deeper(r: Root) -> None:
    """Throw in one of two ways."""
    throw_if(r.turns > 30, "too many turns")
    if r.turns == 29:
        throw("unlucky")


# properties


def adding(r: Root) -> None:
    """Operations with properties of their ends."""
    while True:
        by = choose(range(sys.low, 6))
        add(r, by)
        r.results[0] = twice(by)


def add(r: Root, by: Small) -> None:
    """Add under the lock."""
    acquire(r.lock)
    old = r.x
    r.x = (old + by) % 20
    release(r.lock)


def twice(value: Small) -> Small:
    """Double a number."""
    if value == 3:
        return 7
    return 2 * value


@end_of("add", "E1", "added")
def added(r: Root, by: int, old: int) -> None:
    """Fail when the sum wraps."""
    check("sum", r.x == old + by, by=by, old=old, x=r.x, first=r.first)


@end_of("twice", "E2", "doubled")
def doubled(r: Root, value: int, result: int) -> None:
    """Fail for some choices only."""
    if given(value > 0):
        check("double", result == 2 * value, value=value)
        check("small", result < 9, result=result)


@invariant("I1", "small", when=LOCK_FREE)
def small(r: Root) -> None:
    """Fail now and then."""
    check("x", r.x < 15, x=r.x)


@invariant("I2", "flags")
def flags(r: Root) -> None:
    """Fail now and then, with records as witnesses."""
    for i in range(3):
        check("flag", r.flags[i] or r.x < 3, i=i, first=r.first, worker=r.workers[0])


@step_property("S1", "grows")
def grows(before: Root, after: Root) -> None:
    """Fail when x falls."""
    check("x grows", after.x >= before.x, was=before.x, now=after.x)


ARITHMETIC = Scenario(name="arithmetic", purpose="numbers", root=Root, initial=initial, threads=(Thread(arithmetic),))
CONTROL = Scenario(name="control", purpose="control", root=Root, initial=initial, threads=(Thread(control, each="workers"),))
ENDS = Scenario(
    name="ends", purpose="throws", root=Root, initial=initial, threads=(Thread(throwing, each="workers"), Thread(adding))
)
