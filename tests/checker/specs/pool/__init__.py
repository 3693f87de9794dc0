"""Workers take nodes from a pool, chain them, and give them back: everything that a reduction may meet.

Nodes are interchangeable and referred to from a list, unordered bags, each other, and locals at scheduling points.
Workers are exchangeable and named by a lock, thread numbers, per-thread arrays, and a reference to a worker.
"""

from __future__ import annotations

from typing import Annotated

from spec.language import (
    Forget,
    Interchangeable,
    Lock,
    Parameters,
    PerThread,
    Racy,
    Range,
    Scenario,
    Size,
    Thread,
    ThreadNumber,
    Unordered,
    acquire,
    check,
    choose,
    given,
    invariant,
    parameter,
    release,
    step,
    step_property,
    thread,
)


class Sys(Parameters):
    """The bounds."""

    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    nodes = parameter(3, hi=6, doc="nodes in the pool")
    workers = parameter(2, hi=4, doc="workers")
    held = parameter(2, hi=4, doc="nodes that a worker may hold")
    top = parameter(1, hi=3, doc="largest value of a node")
    chains = parameter(1, hi=2, doc="a taken node is chained to: 1 the one marked last, 2 the first in the bag (wrong)")
    renamed = parameter(1, hi=1, doc="1: nodes may be renamed")
    most = parameter(9, hi=9, doc="a node's value must be below this")


sys = Sys()


class Node:
    """A node; ``stale`` is read only between `take` and `give`, and `take` sets it."""

    next: Node | None
    value: Annotated[int, Range(0, 3)]
    stale: Annotated[int, Range(0, 3)]
    used: Annotated[bool, Racy("lock")]
    by: Annotated[int, ThreadNumber()]


class Note:
    """What is kept for one thread."""

    last: Node | None


class Worker:
    """What a worker holds."""

    bag: Annotated[list[Node | None], Size("held"), Unordered()]


class Root:
    """The pool."""

    lock: Lock
    free: Node | None
    count: Annotated[int, Range(0, "nodes")]
    nodes: Annotated[list[Node], Size("nodes"), Interchangeable("count", when="renamed")]
    workers: Annotated[list[Worker], Size("workers")]
    latest: Worker | None
    turn: Annotated[int, ThreadNumber()]
    notes: Annotated[list[Note], PerThread()]
    taken: Annotated[list[int], PerThread(), Range(0, 9)]


def initial(r: Root) -> None:
    """Nothing is taken."""


def may(r: Root, w: Worker, kind: int, slot: int) -> bool:
    """Taking needs an empty place and a node; giving, and marking, a node in the slot."""
    if kind == 0:
        return slot == 0 and empty(w) < sys.held and (r.free is not None or r.count < sys.nodes)
    return w.bag[slot] is not None


def empty(w: Worker) -> int:
    """The lowest empty place, or their number."""
    for i in range(sys.held):
        if w.bag[i] is None:
            return i
    return sys.held


def worker(r: Root, w: Worker) -> None:
    """Take, give, mark."""
    while True:
        kind, slot = choose(range(3), range(sys.held), where=lambda k, i: may(r, w, k, i))
        if kind == 0:
            take(r, w)
        else:
            n = w.bag[slot]
            if n is not None:
                if kind == 1:
                    w.bag[slot] = None
                    give(r, w, n)
                else:
                    mark(r, n)


def take(r: Root, w: Worker) -> None:
    """Pop a free node or use a fresh one; it is in nobody's sight until it is in the bag."""
    acquire(r.lock)
    n = r.free
    if n is not None:
        r.free = n.next
        n.next = None
    elif r.count < sys.nodes:
        n = r.nodes[r.count]
        r.count += 1
    if n is not None:
        n.used = True
        n.stale = 0
        step()
        if sys.chains == 1:
            m = r.notes[thread() - 1].last
            if m is not None and m.used and m.by == thread():
                n.next = m
        elif sys.chains == 2:
            n.next = w.bag[0]
        n.by = thread()
        i = empty(w)
        if i < sys.held:
            w.bag[i] = n
            r.taken[thread() - 1] = 1
    release(r.lock)


def give(r: Root, w: Worker, n: Node) -> None:
    """Put a node on the free list; nothing in the bag may be chained to it afterwards."""
    acquire(r.lock)
    for i in range(sys.held):
        other = w.bag[i]
        if other is not None and other.next is n:
            other.next = None
    n.next = r.free
    n.used = False
    n.value = 0
    n.by = 0
    r.free = n
    r.taken[thread() - 1] = 0
    step()
    r.latest = w
    release(r.lock)


def mark(r: Root, n: Node) -> None:
    """Count a node's value up."""
    step()
    if n.used and n.stale < sys.top:
        n.stale += 1
        n.value = n.stale
        r.turn = thread()
        r.notes[thread() - 1].last = n


def idle(r: Root, n: Node) -> bool:
    """The node is free."""
    return not n.used


FORGET = Forget("Node", ("stale",), idle, "take sets it")


@invariant("P1", "values are small")
def small(r: Root) -> None:
    """No value reaches the bound."""
    for i in range(r.count):
        n = r.nodes[i]
        if given(n.used):
            check("below", n.value < sys.most, node=n, by=n.by)


@invariant("P2", "nodes have one holder")
def one_holder(r: Root) -> None:
    """No node is in two bags or in two places of one."""
    for i in range(r.count):
        n = r.nodes[i]
        seen = 0
        for k in range(sys.workers):
            for j in range(sys.held):
                if r.workers[k].bag[j] is n:
                    seen += 1
        check("at most one", seen <= 1, node=n)


@step_property("P3", "turns are taken by who steps")
def turn(before: Root, after: Root) -> None:
    """A new turn is that of the thread that steps."""
    if before.turn != after.turn:
        check("own", after.turn == thread(), turn=after.turn)


POOL = Scenario("pool", "all reductions", Root, initial, (Thread(worker, each="workers", interchangeable=True),))
