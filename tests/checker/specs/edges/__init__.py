"""What native code has to do besides computing: errors of all kinds, thread numbers, locks, findings, what is counted."""

from __future__ import annotations

from typing import Annotated

from spec.language import (
    ALWAYS,
    Finding,
    Lock,
    Parameters,
    PerThread,
    Racy,
    Range,
    Scenario,
    Size,
    Thread,
    ThreadNumber,
    Wrap,
    acquire,
    cas,
    check,
    choose,
    end_of,
    given,
    invariant,
    parameter,
    reachable,
    release,
    step,
    step_property,
    thread,
    throw_if,
    wait,
    xadd,
)


class Sys(Parameters):
    """Bounds."""

    word_bits = parameter(8, lo=8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    workers = parameter(2, hi=4, doc="workers")


sys = Sys()
TABLE = (1, 2, 3)
Small = Annotated[int, Range(0, 9)]
Far = Annotated[int, Range(-300, 900)]


class Item:
    """A record of one cell."""

    v: Small


class Worker:
    """A thread's record."""

    x: Small
    items: Annotated[list[Item], Size(2)]


class Root:
    """The state."""

    lock: Lock
    other: Lock
    x: Small
    far: Far
    racy: Annotated[int, Range(0, 9), Racy()]
    word: Annotated[int, Wrap("word_bits")]
    a: Annotated[list[int], Range(0, 9), Size(3)]
    first: Item | None
    extra: Worker
    workers: Annotated[list[Worker], Size("workers")]
    turn: Annotated[int, ThreadNumber()]
    by: Annotated[list[int], Range(0, 9), PerThread()]
    seen: Annotated[list[bool], Size(3), Racy()]


def initial(r: Root) -> None:
    """Build state 0."""
    r.turn = thread()
    r.far = -1


# errors


def failing(r: Root) -> None:
    """Choose what to fail at, and fail in the next step."""
    kind = choose(range(16))
    r.far = kind
    step()
    if kind < 8:
        operands(r, kind)
    elif kind == 8:
        release(r.other)
    elif kind == 9:
        xadd(r, "racy", 10)
    elif kind == 10:
        cas(r, "racy", 0, kind)
    elif kind == 11:
        a = choose(range(4), where=lambda a: r.a[a] == 0)
        r.x = a
    elif kind == 12:
        wait(lambda: r.first.v == 0)  # type: ignore[union-attr]
    elif kind == 13:
        r.racy = r.far
    elif kind == 14:
        judged(r, r.first)
    else:
        late(r)


def operands(r: Root, kind: int) -> None:
    """Fail in an expression, or in a store."""
    if kind == 0:
        r.x = r.a[r.far + 3]
    elif kind == 1:
        r.first.v = 1  # type: ignore[union-attr]
    elif kind == 2:
        r.x += r.far * 8
    elif kind == 3:
        r.x = 1 // (r.far - 3)
    elif kind == 4:
        r.x = 1 << (r.far - 5)
    elif kind == 5:
        r.x = TABLE[r.far]
    elif kind == 6:
        r.extra.items[r.far - 4].v = 1
    else:
        r.x = r.far % (r.word * r.racy)


def judged(r: Root, item: Item | None) -> None:
    """End an operation whose property cannot be evaluated."""
    r.x = 1


@end_of("judged", "E1", "a field of None")
def judging(r: Root, item: Item | None) -> None:
    """Use what may be None."""
    check("v", item.v == 0)  # type: ignore[union-attr]


def late(r: Root) -> None:
    """Throw behind a store, in a branch."""
    r.x = 3
    if r.far == 15:
        throw_if(r.x == 3, "late")
    r.x = 4


# threads and locks


def working(r: Root, w: Worker) -> None:
    """Take turns, under two locks, and tell by whose hand."""
    while True:
        wait(lambda: r.turn == thread())
        k, item = choose(range(3), range(1, 4), where=lambda k, item: k != item)
        acquire(r.lock)
        w.x = k
        w.items[k % 2].v = item
        acquire(r.other)
        r.by[thread() - 1] = (r.by[thread() - 1] + k) % 10
        release(r.other)
        mark(r, k, item)
        r.turn = r.turn % (sys.workers + 1) + 1
        release(r.lock)


def mark(r: Root, k: int, item: int) -> int:
    """Note what was chosen."""
    r.seen[k] = item == 3
    r.word += 100 * k
    return k - item


def watching(r: Root) -> None:
    """Pass the turn on, or hold one lock for a while."""
    while True:
        hold = choose(range(3))
        if hold == 2:
            acquire(r.other)
            step()
            r.racy = (r.racy + 1) % 10
            release(r.other)
        elif hold == 1 and r.turn == thread():
            acquire(r.lock)
            r.turn = 1
            release(r.lock)
        elif cas(r, "racy", 2, 0):
            r.far = thread()


@invariant("I1", "few words", when="other")
def few(r: Root) -> None:
    """Fail now and then; one of the failures is known."""
    if given(r.seen[1]):
        check("word", r.word < 120, word=r.word, turn=r.turn)
        check("racy", r.racy < 5, word=r.word)


@invariant("I2", "nobody executes an invariant", when=ALWAYS)
def nobody(r: Root) -> None:
    """Fail now and then."""
    check("nobody", thread() == 0)
    check("word", r.word < 200, word=r.word, turn=r.turn)


@step_property("S1", "a thread works for itself")
def itself(before: Root, after: Root) -> None:
    """Fail now and then."""
    for i in range(thread()):
        if given(i != thread() - 1):
            check("others", after.by[i] == before.by[i], i=i)
    check("mine", after.by[thread() - 1] >= before.by[thread() - 1], me=thread(), was=before.by[0], now=after.by[0])


@end_of("mark", "E2", "the choice is marked")
def marked(r: Root, k: int, item: int, result: int) -> None:
    """Fail for some choices, by a known finding for some of these."""
    check("result", result < 1 or thread() == 2, result=result, by=thread())
    check("word", r.word < 150 or k < 2, word=r.word, turn=r.turn)


@reachable("R1", "the second item is seen")
def second(r: Root) -> bool:
    """Come about."""
    return r.seen[2] and r.word > 100


@reachable("R2", "ten thousand words")
def never(r: Root) -> bool:
    """Never come about."""
    return r.word > 255


def even(r: Root, word: int) -> bool:
    """The word is even in some way."""
    return word % 8 != 4 and r.word == word


def own_turn(r: Root, turn: int, word: int) -> bool:
    """The first has its turn."""
    return turn == 1 and word > 2


F1 = Finding(
    id="F1", title="even", property="I1", clause="word", explains=even, scenario="threads", depth=9, reason="it is known"
)
F2 = Finding(
    id="F2", title="first", property="E2", clause="word", explains=own_turn, scenario="threads", depth=9, reason="it is known"
)

ERRORS = Scenario(name="errors", purpose="errors", root=Root, initial=initial, threads=(Thread(failing),))
THREADS = Scenario(
    name="threads",
    purpose="numbers, locks, findings",
    root=Root,
    initial=initial,
    threads=(Thread(working, each="workers"), Thread(watching)),
)
