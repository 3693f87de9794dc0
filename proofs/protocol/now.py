"""The state in the words of the protocol, and the ghosts that only the proof has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checker.frontend.program import Program
from checker.symbolic.cells import Cells
from checker.symbolic.memory import Value, Writes
from checker.symbolic.number import Num, Term, num
from proofs.heaps import REAL, program
from proofs.protocol.logic import both, either, equal
from spec.language import Edit
from spec.language.schema import Schema
from spec.types import IN_USE

HERE = num(1)
NOWHERE = num(0)
TURN = 1 << REAL["gen_bits"]
MOST_THREADS = 1 << 31
MOST_SPANS = (1 << 32) - 2
MOST_STACKS = (1 << 16) - 1
POOL, KEPT = MOST_THREADS + 1, MOST_THREADS + 2
"""Who keeps a stack that no thread has."""

BITS = ("alloc_count", "freeindex", "marked", "needzero")
"""What stands for a span's mark and allocation bits."""

WATCHED: dict[str, tuple[str, ...]] = {
    "Span": ("state", "sweepgen", "due", "sweeper", "stackfreelist", *BITS),
    "Heap": ("sweepgen", "lock", "worldsema", "stackpoolmu", "stack_large_lock", "gcphase", "nspan"),
    "World": ("stopped",),
    "Work": ("nspan", "spanidx"),
    "Record": ("bad_sweep",),
}
"""The fields that the protocol is about. Of all others nothing is known: each read of one gives any value."""

OF_SPANS = ("owner", "born", "looker", "known", "keeper", "settled", "shelved", "users")
OF_HEAP = ("starting", "quiet", "swept")
GHOSTS = {name: (0, MOST_THREADS) for name in ("owner", "born", "looker")} | {
    name: (0, 1) for name in ("known", "inside", "settled", "shelved", *OF_HEAP)
}
GHOSTS |= {"keeper": (0, KEPT)} | {name: (0, MOST_STACKS) for name in ("users", "stacks")}
"""The ghosts, and the range of their values.

``owner(s)``: the thread that claimed the span, until the span is swept, or out of use. ``born(s)``: the thread that
brought the span into use and has not released the heap's lock since. ``looker(s)``: the thread that took the span off
the list of those to sweep and has still to decide. ``known(s)``: the struct has been initialised. ``inside(t)``: the
thread cannot be stopped. ``starting``: the generation has advanced and the spans are not due yet. ``quiet``: the world
is stopped and nobody is inside. ``swept``: every span in use is swept.

Of stacks: ``keeper(s)`` is the thread that has the span of a stack, or ``POOL`` for one of the pool, or ``KEPT`` for one
that waits in the lists of large stacks. ``settled(s)``: the lock under which it became a stack was released since.
``shelved(s)``: the span is in one of these lists, or in the pool's.
``stacks(t, s)``: how many stacks of the pool's span the thread has; ``users(s)`` is their sum over all threads.
"""


def watched(record: str, field: str) -> bool:
    """Whether the protocol is about this field, or ghost."""
    return not record or field in WATCHED.get(record, ())


def protocol_program(edits: tuple[Edit, ...] = ()) -> Program:
    """The typed spec at real scale, with as many spans and threads as numbers can count."""
    made = program(edits, gc_cycles=1, forced_cycles=1, pins=1)
    _widen(made.schema, "Span", "sweeper", MOST_THREADS)
    for lock in LOCKS.values():
        _widen(made.schema, "Heap", lock, MOST_THREADS)
    for record in ("Heap", "Work"):
        _widen(made.schema, record, "nspan", MOST_SPANS)
    _widen(made.schema, "Heap", "narrays", MOST_SPANS)
    _widen(made.schema, "SpanArray", "capacity", 2 * MOST_SPANS)
    return made


def _widen(schema: Schema, record: str, name: str, hi: int) -> None:
    """Let a field hold more than the few threads and spans that the schema was made for."""
    fields = schema.records[record].fields
    scalar = fields[name].scalar
    assert scalar is not None
    fields[name] = replace(fields[name], scalar=replace(scalar, hi=hi))


def fresh_cells(schema: Schema, prefix: str) -> Cells:
    """An arbitrary heap."""
    made = Cells(schema, prefix=prefix)
    made.ghosts = dict(GHOSTS)
    return made


class Now:
    """The state after some stores.

    Parameters
    ----------
    memory : Cells
    writes : mapping
    """

    def __init__(self, memory: Cells, writes: Writes | None = None) -> None:
        self.memory = memory
        self.writes = dict(writes or {})
        self._seen: dict[tuple[object, ...], tuple[object, Any]] = {}

    def cell(self, record: str, field: str, number: Num = HERE, index: Num | None = None) -> Value:
        """The content of a cell, or of a ghost where there is no record."""
        key = (record, field, id(number), id(index))
        if key not in self._seen:
            self._seen[key] = (number, index), self.memory.read(self.writes, record, field, number, index)
        return self._seen[key][1]

    def span(self, field: str, s: Num) -> Value:
        """A span's field or ghost."""
        return self.cell("" if field in OF_SPANS else "Span", field, s)

    def heap(self, field: str) -> Value:
        """One of the fields that there is once, by its short name."""
        if field in OF_HEAP:
            return self.cell("", field, NOWHERE)
        return self.cell(*_ONCE[field])

    def stacks(self, thread: Num, s: Num) -> Num:
        """How many stacks of the pool's span the thread has."""
        found: Num = self.cell("", "stacks", thread, s)
        return found

    def holds(self, lock: str, thread: Num) -> Term:
        """The thread has the lock, by its short name."""
        return equal(self.heap(lock), thread)

    def is_set(self, ghost: str) -> Term:
        """Whether a ghost flag of the heap is set."""
        return equal(self.heap(ghost), 1)

    def in_use(self, s: Num) -> Term:
        """The span's state is InUse."""
        return equal(self.span("state", s), IN_USE)

    def behind(self, s: Num, by: int) -> Term:
        """The span's generation is so many behind the heap's."""
        key = (by, id(s))
        if key not in self._seen:
            self._seen[key] = s, is_behind(self.span("sweepgen", s), self.heap("sg"), by)
        return self._seen[key][1]

    def known(self, s: Num) -> Term:
        """The struct has been initialised."""
        return equal(self.span("known", s), 1)

    def inside(self, thread: Num) -> Term:
        """The thread cannot be stopped."""
        return equal(self.cell("", "inside", thread), 1)

    def steady(self, thread: Num) -> Term:
        """The generation cannot change under the thread: it is inside, or it is the collector."""
        return either(self.inside(thread), equal(self.heap("world"), thread))


LOCKS = {"lock": "lock", "world": "worldsema", "pool": "stackpoolmu", "large": "stack_large_lock"}
"""The locks that the protocol is about, by their short names."""

_ONCE = {name: ("Heap", field) for name, field in LOCKS.items()} | {
    "sg": ("Heap", "sweepgen"),
    "phase": ("Heap", "gcphase"),
    "nspan": ("Heap", "nspan"),
    "stopped": ("World", "stopped"),
    "listed": ("Work", "nspan"),
    "index": ("Work", "spanidx"),
    "breach": ("Record", "bad_sweep"),
}


def is_behind(gen: Num, sg: Num, by: int) -> Term:
    """``gen`` is ``by`` less than ``sg``, in words that wrap."""
    if by == 0:
        return equal(gen, sg)
    return either(equal(gen, sg - by), equal(gen, sg + (TURN - by)))


def same(a: Now, b: Now, s: Num, *fields: str) -> Term:
    """The span's fields are the same in both states."""
    return both(*(equal(a.span(f, s), b.span(f, s)) for f in fields))
