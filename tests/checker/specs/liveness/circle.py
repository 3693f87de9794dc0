"""Two locks taken in opposite order, and a third thread that waits for a flag."""

from __future__ import annotations

from spec.language import Lock, Scenario, Thread, acquire, release, wait


class Inner:
    """A record with a lock of its own."""

    lock: Lock


class Circle:
    """Two locks."""

    a: Lock
    inner: Inner
    done: bool


def initial(r: Circle) -> None:
    """Both are free."""


def first(r: Circle) -> None:
    """Take a, then the other.

    Go: proc.go:first
    """
    acquire(r.a)
    acquire(r.inner.lock)
    r.done = True
    release(r.inner.lock)
    release(r.a)


def second(r: Circle) -> None:
    """Take them the other way round."""
    acquire(r.inner.lock)
    acquire(r.a)
    r.done = True
    release(r.a)
    release(r.inner.lock)


def watcher(r: Circle) -> None:
    """Wait until both can be seen to be through."""
    wait(lambda: r.done and not r.done)


def idler(r: Circle) -> None:
    """Rest."""
    wait(lambda: r.done and not r.done, rest=True)


SCENARIO = Scenario("circle", "two locks", Circle, initial, (Thread(first), Thread(second), Thread(watcher), Thread(idler)))
