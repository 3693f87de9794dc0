"""Everything that canonical forms must follow, in one state: for the comparison of two ways to find them.

Two arrays of one interchangeable type and one of another, records inside records, references to all of them, unordered
arrays of narrow and wide cells, arrays for each thread inside the elements of others, two groups of exchangeable
threads, one of them with two threads for each element, and threads that stay in their places. What the threads do is
of no interest.
"""

from __future__ import annotations

from typing import Annotated

from spec.language import (
    Forget,
    Interchangeable,
    Lock,
    Parameters,
    PerThread,
    Range,
    Scenario,
    Size,
    Thread,
    ThreadNumber,
    Unordered,
    acquire,
    parameter,
    release,
    step,
)


class Sys(Parameters):
    """The bounds."""

    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    nodes = parameter(3, hi=9, doc="nodes in each of two arrays")
    leaves = parameter(2, hi=9, doc="leaves")
    workers = parameter(2, hi=4, doc="workers, with two threads each")
    clerks = parameter(2, hi=4, doc="clerks")


sys = Sys()


class Part:
    """What lies in a node; it can be referred to."""

    node: Node | None
    level: Annotated[int, Range(2, 5)]


class Node:
    """A record with several names."""

    next: Node | None
    leaf: Leaf | None
    parts: Annotated[list[Part], Size(2)]
    near: Annotated[list[Node | None], Size(2), Unordered()]
    memo: Annotated[list[Node | None], PerThread()]
    wide: Annotated[list[int], Size(6), Range(-5, 900)]
    value: Annotated[int, Range(0, 2)]


class Leaf:
    """Another one."""

    up: Node | None
    inner: Part | None
    by: Annotated[int, ThreadNumber()]


class Slip:
    """Kept for one thread."""

    node: Node | None
    worker: Worker | None


class Worker:
    """Two threads work for it."""

    hand: Node | None
    bag: Annotated[list[Leaf | None], Size(3), Unordered()]
    peers: Annotated[list[Worker | None], Size(2), Unordered()]
    slips: Annotated[list[Slip], PerThread()]


class Clerk:
    """One thread works for it."""

    sums: Annotated[list[int], Size(3), Range(0, 700), Unordered()]
    chief: Worker | None


class Root:
    """The state."""

    lock: Lock
    first: Node | None
    part: Part | None
    leaf: Leaf | None
    here: Annotated[int, Range(0, "nodes")]
    there: Annotated[int, Range(0, 300)]
    grown: Annotated[int, Range(0, "leaves")]
    nodes: Annotated[list[Node], Size("nodes"), Interchangeable("here")]
    leaves: Annotated[list[Leaf], Size("leaves"), Interchangeable("grown")]
    others: Annotated[list[Node], Size("nodes"), Interchangeable("there")]
    pool: Annotated[list[Node | None], Size(4), Unordered()]
    idle: Annotated[list[Worker | None], Size(3), Unordered()]
    queue: Annotated[list[Clerk | None], Size(3), Unordered()]
    workers: Annotated[list[Worker], Size("workers")]
    clerks: Annotated[list[Clerk], Size("clerks")]
    stamps: Annotated[list[int], PerThread(), Range(0, 600)]
    last: Worker | None
    turn: Annotated[int, ThreadNumber()]


def initial(r: Root) -> None:
    """All is there, and nothing is connected."""
    r.here = sys.nodes
    r.there = sys.nodes
    r.grown = sys.leaves


def labour(r: Root, w: Worker) -> None:
    """Locals of every type, at several labels."""
    step()
    n = w.hand
    p = r.part
    acquire(r.lock)
    f = r.leaf
    other = r.last
    step()
    if n is not None and p is not None and f is not None and other is not None:
        n.leaf = f
        f.inner = p
        other.hand = n
    step()
    r.last = other
    w.hand = n
    release(r.lock)


def rest(r: Root, w: Worker) -> None:
    """The other thread of a worker."""
    step()
    n = r.first
    step()
    w.hand = n


def count(r: Root, c: Clerk) -> None:
    """Refer to a worker."""
    step()
    w = r.last
    n = r.first
    step()
    c.chief = w
    r.first = n


def watch(r: Root) -> None:
    """A thread in its place."""
    step()
    n = r.first
    w = r.last
    f = r.leaf
    step()
    r.last = w
    if n is not None:
        n.leaf = f


def plain(r: Root, n: Node) -> bool:
    """The value is 0."""
    return n.value == 0


def low(r: Root, p: Part) -> bool:
    """The level is low."""
    return p.level < 4


def odd(r: Root, n: Node) -> bool:
    """The value is odd."""
    return n.value % 2 == 1


WIDE = Forget("Node", ("wide", "memo"), plain, "nobody reads them")
LEVEL = Forget("Part", ("level", "node"), low, "nobody reads them", held=True)
VALUE = Forget("Node", ("value",), odd, "nobody reads it")

WORKERS = (Thread(labour, each="workers", interchangeable=True), Thread(rest, each="workers", interchangeable=True))
CLERKS = Thread(count, each="clerks", interchangeable=True)
MEDLEY = Scenario("medley", "everything", Root, initial, (*WORKERS, Thread(watch), CLERKS))
FEW = Scenario("clerks", "threads that are twins where they have equal keys", Root, initial, (Thread(watch), CLERKS))
