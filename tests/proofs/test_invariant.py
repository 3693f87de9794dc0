"""The invariant is about the real heap: true of every heap that operations reach, and false of damaged ones."""

from __future__ import annotations

import random

import pytest
from invariant_rig import PAGES, Cell, clauses, content, filled, ghosts_of

from proofs.arithmetic.plain_heap import PAGE, PlainHeap

ARRAYS = (("Heap", "spans"), ("OS", "page"), ("OS", "dirty"))
FIELDS = {
    "Span": ("next", "prev", "list", "start_addr", "npages", "sweepgen", "state", "needzero", "npreleased", "unusedsince"),
    "SpanList": ("first", "last"),
    "Heap": ("nspan", "spans_mapped", "pages_in_use", "arena_start", "arena_used", "arena_end"),
    "MemStats": ("heap_sys", "heap_idle", "heap_inuse", "heap_released", "stacks_inuse"),
    "FixAlloc": ("list", "inuse"),
}
COUNTED = [("MemStats", f) for f in FIELDS["MemStats"]] + [("FixAlloc", "inuse"), ("Heap", "pages_in_use")]
ALWAYS = {"dead structs are counted"}
"""Only a ghost could break it, and ghosts are counted here."""


def true_of(count: int, seed: int) -> None:
    rng, free, dead, released, stacks = random.Random(seed), 0, 0, 0, 0
    for _ in range(count):
        plain = filled(rng)
        ghosts = ghosts_of(plain)
        wrong = {name: where for name, where in clauses(plain, content(plain), ghosts).items() if where}
        assert not wrong
        free, dead = free + ghosts["sum_free", 0], dead + ghosts["dead", 0]
        released, stacks = released + ghosts["sum_released", 0], stacks + ghosts["sum_stack", 0]
    assert min(free, dead, released, stacks) > 0


def test_every_clause_is_true_of_heaps_that_operations_reach() -> None:
    true_of(10, seed=1)


@pytest.mark.slow
def test_every_clause_is_true_of_many_heaps_that_operations_reach() -> None:
    true_of(200, seed=2)


def damaged(plain: PlainHeap, rng: random.Random, fields: list[tuple[str, str]]) -> tuple[Cell, int, dict[str, list[str]]]:
    """Another content for one cell, and what is false then; the ghosts are those before, or counted again."""
    h, cells = plain.h, content(plain)
    while True:
        record, field = rng.choice(fields)
        number = {"Span": rng.randrange(1, h.nspan + 2), "SpanList": rng.randrange(1, 270)}.get(record, 1)
        used = (h.arena_used - h.arena_start) // PAGE
        pages = [rng.randrange(used + 1), rng.randrange(PAGES), min(used, PAGES - 1)]
        index = min(rng.choice(pages), PAGES - 1) if (record, field) in ARRAYS else None
        scalar = plain.world.schema.records[record].fields[field].scalar
        assert scalar is not None
        key = (record, field, number, index)
        old = cells[key]
        near = [old + d for d in (1, -1, 2, PAGE, -PAGE, 160)]
        new = rng.choice([*range(6), scalar.hi, scalar.hi + 1 - PAGE, *near, rng.randrange(1, h.nspan + 2)])
        if new != old and scalar.lo <= new <= scalar.hi:
            break
    ghosts = ghosts_of(plain)
    plain.world.store(*key, new)
    if rng.random() < 0.5:
        ghosts = ghosts_of(plain)
    found = clauses(plain, {**cells, key: new}, ghosts)
    plain.world.store(*key, old)
    return key, new, {name: where for name, where in found.items() if where}


def test_a_wrong_count_breaks_the_invariant() -> None:
    rng = random.Random(3)
    plain = filled(rng)
    for field in COUNTED:
        _, _, wrong = damaged(plain, rng, [field])
        assert wrong


@pytest.mark.slow
def test_each_clause_is_false_of_some_heap_with_one_damaged_cell() -> None:
    rng, broken, names = random.Random(4), set[str](), set[str]()
    fields = [*ARRAYS, *((r, f) for r, all_of in FIELDS.items() for f in all_of)]
    for _ in range(150):
        plain = filled(rng)
        names |= set(clauses(plain, content(plain), ghosts_of(plain)))
        for _ in range(8):
            broken |= set(damaged(plain, rng, fields)[2])
        if names - broken == ALWAYS:
            break
    assert names - broken == ALWAYS
