"""A shelf on which workers put things: small worlds in which it is known what the smallest counterexample is."""

from __future__ import annotations

from typing import Annotated

from spec.language import (
    Lock,
    Parameters,
    Range,
    Scenario,
    Size,
    Thread,
    acquire,
    check,
    choose,
    invariant,
    parameter,
    release,
    step,
    throw_if,
    wait,
)


class Bounds(Parameters):
    workers = parameter(2, size="threads", lo=1, hi=4, doc="workers")
    cells = parameter(4, size="pages", lo=1, hi=8, doc="cells of the shelf")
    reserve = parameter(4, size="pages", lo=1, hi=8, doc="cells that the shelf is not larger than")
    largest = parameter(3, size="requests", lo=1, hi=8, doc="what a worker puts down at most")
    full = parameter(3, lo=1, hi=32, doc="a cell must hold less")

    def assumptions(self):
        if self.reserve < self.cells:
            yield f"reserve={self.reserve} is below cells={self.cells}"


bounds = Bounds()


class Worker:
    seen: Annotated[int, Range(0, 64)]


class Shelf:
    lock: Lock
    cell: Annotated[list[Annotated[int, Range(0, 64)]], Size("cells")]
    workers: Annotated[list[Worker], Size("workers")]
    total: Annotated[int, Range(0, 250)]
    sum: Annotated[int, Range(0, 250)]
    clock: Annotated[int, Range(0, 3)]
    open: bool


def initial(h: Shelf) -> None:
    h.open = True


def worker(h: Shelf, w: Worker) -> None:
    """Puts an amount into a cell, under the lock."""
    while True:
        cell, amount = choose(range(bounds.cells), range(1, bounds.largest + 1), where=lambda c, a: h.cell[c] + a < 60)
        put(h, w, cell, amount)


def put(h: Shelf, w: Worker, cell: int, amount: int) -> None:
    acquire(h.lock)
    h.cell[cell] += amount
    w.seen = h.cell[cell]
    release(h.lock)


def racer(h: Shelf, w: Worker) -> None:
    """Adds without the lock: it reads in one step and writes in the next."""
    while True:
        step()
        w.seen = h.total
        step()
        if h.sum < 6:
            h.total = w.seen + 1
            h.sum += 1


def ticker(h: Shelf) -> None:
    """Nobody needs it."""
    while True:
        wait(lambda: h.clock < 3)
        h.clock += 1


def waiter(h: Shelf) -> None:
    """Waits for a ticker."""
    wait(lambda: h.clock > 0)
    wait(lambda: h.clock > 4)


def closer(h: Shelf) -> None:
    """Throws if the shelf holds anything when it is closed."""
    step()
    throw_if(h.cell[0] > 0, "closed with something on it")


@invariant("X1", "not full", when="lock")
def not_full(h: Shelf) -> None:
    """Hold less than is full in each cell."""
    for i in range(bounds.cells):
        check("less than full", h.cell[i] < bounds.full, cell=i, holds=h.cell[i])


@invariant("X2", "nothing lost")
def nothing_lost(h: Shelf) -> None:
    """Have every addition in the total."""
    check("total is the sum", h.total == h.sum, total=h.total, sum=h.sum)


def scenario(name: str, *threads: Thread) -> Scenario:
    return Scenario(name=name, purpose=name, root=Shelf, initial=initial, threads=threads)


FULL = scenario("full", Thread(worker, each="workers", interchangeable=True), Thread(ticker))
RACE = scenario("race", Thread(racer, each="workers", interchangeable=True), Thread(ticker))
CLOSE = scenario("close", Thread(worker, each="workers", interchangeable=True), Thread(closer), Thread(ticker))
STUCK = scenario("stuck", Thread(waiter), Thread(ticker))
