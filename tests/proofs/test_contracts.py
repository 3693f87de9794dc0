"""The contracts of the induction, each against the body of its function: on all small heaps, and on random large ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from contracts_rig import Contract, Held, Way, ways
from invariant_rig import clauses, content, filled, ghosts_of

from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.induction import contracts
from spec.language import Edit
from spec.language.plain import encode
from spec.language.runtime import Runtime, active
from spec.types import FREE

SMALL = {"arena_pages": 6, "grow_pages": 1, "held": 3, "spans": 9}
SILENT: dict[Contract, set[tuple[str, str]]] = {
    contracts.first_fit: set(),
    contracts.best_fit: set(),
    contracts.recordspan: {("SpanArray", "capacity"), ("SpanArray", "mapped"), ("Heap", "allspans"), ("Heap", "narrays")},
    contracts.sys_unused: {("OS", "shortest_idle")},
}
"""What the contract says nothing about, because the invariant does not speak of it."""
CALLS = ((), (1, "large"), (2, "large"), (3, "stack"), (0, "free"), (1, "free"), (0, "scavenge"))


def small(phys: int, edits: tuple[Edit, ...] = ()) -> PlainHeap:
    plain = PlainHeap(edits, initialised=True, phys_page_size=phys, **SMALL)
    plain.h.nspan, plain.h.spanalloc.inuse = 0, 0
    plain.call("environment.start.initial", plain.h)
    return plain


def small_heaps(plain: PlainHeap, depth: int) -> Iterator[None]:
    """Let the heap be each of those that this many operations reach, once."""
    level, seen = [tuple(content(plain).items())], set[Any]()
    for k in range(depth + 1):
        following = []
        for state in level:
            for call in CALLS if k else CALLS[:1]:
                for cell, value in state:
                    plain.world.store(*cell, value)
                if call and not does(plain, *call):
                    continue
                now = tuple(content(plain).items())
                if now not in seen:
                    seen.add(now)
                    following.append(now)
                    yield
        level = following


def does(plain: PlainHeap, number: int, kind: str) -> bool:
    """One operation, if it is possible."""
    h = plain.h
    m = h.mutators[0]
    h.clock += 1
    if kind == "scavenge":
        plain.call("scavenge.scavenge", h, h.clock, 0)
    elif kind == "free":
        if not m.root[number]:
            return False
        plain.call("environment.mutator.give_up", h, m, number)
    elif 0 not in list(m.root):
        return False
    else:
        name = {"large": "environment.client.alloc_large_object", "stack": "environment.client.alloc_small_span"}[kind]
        v = plain.call(name, h, number, *([5] if kind == "stack" else []))
        m.root[list(m.root).index(0)] = v
    return True


@lru_cache
def of(plain: PlainHeap, contract: Contract) -> list[Way]:
    return ways(plain, contract)


def broken(plain: PlainHeap, rng: random.Random | None = None) -> set[Contract]:
    """The contracts that a body does not keep on the present heap; with a generator, on some arguments only."""
    before = content(plain)
    held = {contract: Held(of(plain, contract), before, silent) for contract, silent in SILENT.items()}
    return {contract for contract, *call in calls(plain, rng) if not keeps(plain, held[contract], *call)}


def keeps(plain: PlainHeap, held: Held, name: str, args: dict[str, int], values: list[Any]) -> bool:
    """Call the body, hold what it did against the contract, and put the heap back."""
    result = encode(plain.call(name, *values))
    changed = {c[:4]: c[4] for c in plain.world.cells() if c[4] != held.before[c[:4]]}
    for cell in changed:
        plain.world.store(*cell, held.before[cell])
    return held.allows(args, result, changed)


def calls(plain: PlainHeap, rng: random.Random | None) -> Iterator[tuple[Contract, str, dict[str, int], list[Any]]]:
    """Calls of each function with a contract, with the arguments also by name."""
    h = plain.h
    lists = [x for x in (*h.free, h.freelarge, *h.busy, h.busylarge) if x.first is not None][:6] or [h.free[1]]
    for npage in (1, 2, 3, 5, 130) if rng is None else [rng.randrange(1, 200)]:
        yield contracts.first_fit, "alloc.first_fit", {"npage": npage}, [h, npage]
        for spans in lists if rng is None else rng.sample(lists, 1):
            args = {"spans": spans.number, "npage": npage, "best": 0}
            yield contracts.best_fit, "alloc.best_fit", args, [spans, npage, None]
    if h.nspan < len(h.mspans):
        fresh = h.mspans[h.nspan]
        yield contracts.recordspan, "table.recordspan", {"s": fresh.number}, [h, fresh]
    for s, v, n in ranges(plain) if rng is None else rng.sample(ranges(plain), min(3, len(ranges(plain)))):
        yield contracts.sys_unused, "environment.os.sys_unused", {"s": s.number, "v": v, "n": n}, [h, v, n]


def ranges(plain: PlainHeap) -> list[tuple[Any, int, int]]:
    """Ranges of whole physical pages in free spans, with the span."""
    unit = max(plain.spec.parameters.resolve("phys_page_size"), PAGE)
    out = []
    for s in list(plain.spans)[: plain.h.nspan]:
        if s.state == FREE:
            first, last = -(-s.start_addr // unit), (s.start_addr + s.npages * PAGE) // unit
            ends = sorted({*range(first, min(last, first + 3) + 1), last}) if first <= last else []
            out += [(s, a * unit, (b - a) * unit) for a in ends for b in ends if a < b]
    return out


def broken_on_small_heaps(depth: int, *edits: Edit, phys: int = 4096) -> tuple[set[Contract], int]:
    plain, wrong, count = small(phys, edits), set[Contract](), 0
    for _ in small_heaps(plain, depth):
        wrong |= broken(plain)
        count += 1
    return wrong, count


def test_the_bodies_keep_the_contracts_on_all_small_heaps() -> None:
    wrong, count = broken_on_small_heaps(2)
    assert (wrong, count > 15) == (set(), True)


@pytest.mark.slow
@pytest.mark.parametrize("phys", [4096, 8192, 16384, 32768])
def test_the_bodies_keep_the_contracts_on_all_heaps_of_three_operations(phys: int) -> None:
    wrong, count = broken_on_small_heaps(3, phys=phys)
    assert (wrong, count > 60) == (set(), True)


def on_large_heaps(count: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(count):
        plain = filled(rng)
        for _ in range(4):
            assert not broken(plain, rng)


def test_the_bodies_keep_the_contracts_on_large_heaps() -> None:
    on_large_heaps(3, seed=1)


@pytest.mark.slow
def test_the_bodies_keep_the_contracts_on_many_large_heaps() -> None:
    on_large_heaps(25, seed=2)


WRONG = {
    "first_fit finds an empty list": (
        contracts.first_fit,
        Edit("alloc.first_fit", "if not is_empty(h.free[i]):", "if is_empty(h.free[i]):"),
    ),
    "first_fit begins too early": (
        contracts.first_fit,
        Edit("alloc.first_fit", "range(npage, sys.max_mheap_list)", "range(1, sys.max_mheap_list)"),
    ),
    "best_fit takes a shorter span": (contracts.best_fit, Edit("alloc.best_fit", "if s.npages >= npage:", "if npage > 0:")),
    "recordspan counts twice": (contracts.recordspan, Edit("table.recordspan", "h.nspan += 1", "h.nspan += 2")),
    "recordspan makes the span free": (
        contracts.recordspan,
        Edit("table.recordspan", "h.nspan += 1", "h.nspan += 1\n    s.state = 2"),
    ),
    "sys_unused releases a page more": (
        contracts.sys_unused,
        Edit("environment.os.sys_unused", "min(last, sys.arena_pages)", "min(last + 1, sys.arena_pages)"),
    ),
    "sys_unused wipes nothing": (
        contracts.sys_unused,
        Edit("environment.os.sys_unused", "h.os.dirty[p] = False", "h.os.dirty[p] = h.os.dirty[p]"),
    ),
}


@pytest.mark.parametrize(("contract", "edit"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_body_is_noticed(contract: Contract, edit: Edit) -> None:
    plain = small(4096, (edit,))
    assert any(contract in broken(plain) for _ in small_heaps(plain, 3))


def wrong_after(plain: PlainHeap) -> dict[str, list[str]]:
    found = clauses(plain, content(plain), ghosts_of(plain))
    return {name: where for name, where in found.items() if where}


def test_growth_leaves_a_heap_with_the_invariant() -> None:
    rng, grown = random.Random(5), 0
    for _ in range(12):
        plain = filled(rng)
        grown += bool(plain.call("grow.grow", plain.h, rng.choice([1, 9, 100, 129])))
        assert not wrong_after(plain)
    assert grown > 0


def test_reclaim_leaves_a_heap_with_the_invariant_and_the_lock_held() -> None:
    rng, swept = random.Random(6), 0
    for _ in range(12):
        plain = collected(rng)
        h = plain.h
        h.lock.owner = 1
        before = h.pages_in_use
        with active(Runtime(plain.spec.parameters, lambda options: options[-1])):
            plain.spec.modules["reclaim"].reclaim(h, rng.choice([1, 2, 9]))
        assert h.lock.owner == 1
        swept += before > h.pages_in_use
        assert not wrong_after(plain)
    assert swept > 0


def collected(rng: random.Random) -> PlainHeap:
    """A heap in the sweep that follows a collection: some objects are dropped, and nothing is swept yet."""
    plain = filled(rng, gc_cycles=2)
    h = plain.h
    for i in range(len(h.mutators[0].root)):
        h.mutators[0].root[i] = 0
    with active(Runtime(plain.spec.parameters, lambda options: options[-1])):
        plain.spec.modules["environment.collector"].gc_start(h, False)
    return plain
