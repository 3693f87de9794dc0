"""Asking the explorer about a counterexample to induction: can a heap like this be reached, and at what depth?

The heap is looked for in a small scope of the spec's own scenario, with threads that do what its spans need: spans of
the same length, state, released pages and needzero, as far from each other, and as far from a physical page's start.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from checker.errors import CheckerError
from checker.load import Spec, load
from checker.lowering.layout import Layout
from checker.lowering.machine import Machine
from proofs.counterexample import Counterexample, Span
from spec.types import DEAD, IN_USE, STACK

SCENARIO = "scavenge"
STATES, SECONDS = 200_000, 30.0
"""Bounds of the search."""

LIST_PAGES = 4
"""Least growth: as many pages as there are lists of fixed length."""

PAGES, MOST, MOST_HELD = 4, 12, 6
"""Pages of the arena, at least and at most; spans that the mutator holds: each that is free now was once in use, and what
stands behind the last one is not free."""


def ask(c: Counterexample, spec: Spec | None = None) -> str:
    """What the explorer says, in a sentence.

    Parameters
    ----------
    c : Counterexample
    spec : Spec, optional
        Where it is looked for; the installed one by default.
    """
    extent = max(s.first + s.npages for s in c.before) - min(s.first for s in c.before) if c.before else 0
    if not c.before or extent > MOST:
        return f"not asked: it has {'no spans' if not c.before else f'{extent} pages, and a scope has at most {MOST}'}"
    settings, without = scope(c, extent)
    try:
        made = spec or load()
        machine = Machine(made, made.scenarios[SCENARIO], settings, properties=[], without=without)
        said = _search(machine, Looks(machine.layout, c))
    except CheckerError as e:
        said = f"not found out: the search of a small scope failed ({e})"
    command = " ".join(["--scenario", SCENARIO, *(f"--set {k}={v}" for k, v in settings.items())])
    command += "".join(f" --without {name}" for name in without)
    return f"{said} (checker explore {command})"


def scope(c: Counterexample, extent: int) -> tuple[dict[str, int], tuple[str, ...]]:
    """The parameters of a scenario that may build this heap, and the threads that it does not need."""
    long = {state: max((s.npages for s in c.before if s.state == state), default=0) for state in (IN_USE, STACK)}
    pages = max(PAGES, extent)
    settings = {
        "phys_page_size": c.physical,
        "arena_pages": pages,
        "heap_alloc_chunk": LIST_PAGES,
        "spans": pages + 1,
        "held": min(len(c.before) + 1, MOST_HELD),
        "large_pages": max(long[IN_USE], 1),
    }
    if long[STACK]:
        settings["stack_pages"] = 1 << (long[STACK] - 1).bit_length()
    released = any(s.npreleased for s in c.before)
    return settings, () if released else ("scavenger", "clock")


class Looks:
    """Whether a state's heap has the spans that are looked for: 0 no, 1 in length and state alone, 2 in all.

    Parameters
    ----------
    layout : Layout
        Of the states; a page is a byte.
    c : Counterexample
    """

    def __init__(self, layout: Layout, c: Counterexample) -> None:
        self._wanted = c.before
        self._unit = c.physical
        schema = layout.schema
        self._count = schema.records["Span"].count
        names = ("state", "start_addr", "npages", "npreleased", "needzero")  # in the order of a Span's attributes
        self._fields = [_column(layout, "Span", name) for name in names]
        self._spans = _column(layout, "Heap", "nspan")
        self._arena = _column(layout, "Heap", "arena_start")

    def __call__(self, state: bytes) -> int:
        """Look at the whole heap; where the first span stands, the others stand at the same distances."""
        known = self._spans(state, 0)
        spans = [Span(i + 1, *(f(state, i) for f in self._fields)) for i in range(min(known, self._count))]
        there = {(s.first, s.state, s.npages, s.npreleased, s.needzero) for s in spans if s.state != DEAD}
        placed = {entry[:3] for entry in there}
        one, arena, found = self._wanted[0], self._arena(state, 0), 0
        for first, *_ in placed:
            shift = first - one.first
            if (shift - arena) % self._unit == 0:
                wanted = [(w.first + shift, w.state, w.npages, w.npreleased, w.needzero) for w in self._wanted]
                if all(w in there for w in wanted):
                    return 2
                found = max(found, all(w[:3] in placed for w in wanted))
        return found


def _column(layout: Layout, record: str, name: str) -> Callable[[bytes, int], int]:
    """Reads a field of the record of this number, counted from 0."""
    c = layout.cells[record, name]
    return lambda state, i: int.from_bytes(state[c.base + i * c.width : c.base + (i + 1) * c.width], "little") + c.bias


def _search(machine: Machine, looks: Callable[[bytes], int]) -> str:
    """Search breadth first until it is found, everything was seen, or a bound is reached."""
    began, depth, alike = time.monotonic(), 0, ""
    level = [machine.canonical(machine.initial())]
    visited, heaps = set(level), set[bytes]()
    while level:
        following: list[bytes] = []
        for state in level:
            heap = state[: machine.layout.heap_bytes]
            if heap not in heaps:
                heaps.add(heap)
                match looks(state):
                    case 2:
                        return f"reachable, at depth {depth}: {len(visited):,} states"
                    case 1:
                        alike = alike or f"; with another npreleased or needzero at depth {depth}"
            if len(visited) > STATES or time.monotonic() - began > SECONDS:
                return f"not reached to depth {depth}: {len(visited):,} states, not all there are{alike}"
            for s in machine.successors(state):
                after = machine.canonical(s.state)
                if s.thrown is None and after not in visited:
                    visited.add(after)
                    following.append(after)
        level, depth = following, depth + 1
    return f"not reachable in this scope: none of all {len(visited):,} states{alike}"
