"""The linear executor against the plain heap: of all paths one is true of a heap, and it does what the plain heap does.

The paths are found for a heap of which only the structure is known (tables, lists, extents and states); counts, flags,
times and statistics are open, as are some arguments. Then the plain heap runs with several contents of what was open.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import z3
from splitting_rig import BYTES, PAGES, REAL_PAGES, Scene, after, agree, cells_of, filled, outcomes, scene

from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.number import Term, num
from spec.language import Edit
from spec.language.plain import World

SETS = {
    "pages": PAGES,
    "two lists": {**PAGES, "max_mheap_list": 2, "heap_alloc_chunk": 2, "phys_page_size": 2},
    "large physical pages": {**PAGES, "phys_page_size": 8, "word_bits": 16},
    "bytes": BYTES,
    "half physical pages": {**BYTES, "phys_page_size": 2, "max_mheap_list": 4, "grow_pages": 2},
    "eighths": {**BYTES, "phys_page_size": 32},
    "real pages": REAL_PAGES,
    "real pages, large physical ones": {**REAL_PAGES, "phys_page_size": 1 << 15},
}
OPEN = {
    "Span": ("needzero", "npreleased", "alloc_count", "unusedsince", "sweepgen", "sizeclass", "elemsize", "limit", "freeindex"),
    "MemStats": ("heap_idle", "heap_inuse", "heap_released", "heap_objects", "stacks_inuse", "heap_sys"),
    "Heap": ("clock", "pages_in_use"),
    "FixAlloc": ("inuse",),
    "OS": ("dirty", "user", "last_used", "refused", "bad_range", "bad_start", "bad_length", "shortest_idle"),
    "Mutator": ("root",),
}
"""Cells whose content the paths are not told."""


@dataclass(frozen=True)
class Operation:
    """A function, its arguments besides the heap, which of them the paths are not told, and cells that they are told."""

    name: str
    args: tuple[str, ...]
    open: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


OPERATIONS = (
    Operation("free.free_span", ("s", "acct"), ("acct",)),
    Operation("free.free_stack", ("s",)),
    Operation("free.free_span_locked", ("s", "acct_inuse", "acct_idle", "unusedsince"), ("acct_inuse", "unusedsince")),
    Operation("alloc.alloc_m", ("npage", "sizeclass", "large"), ("sizeclass", "large"), ("npreleased",)),
    Operation("alloc.alloc", ("npage", "sizeclass", "large", "needzero"), ("sizeclass", "needzero"), ("npreleased",)),
    Operation("alloc.alloc_stack", ("npage",), ("npage",), ("npreleased", "needzero")),
    Operation("grow.grow", ("npage",), ("npage",)),
    Operation("scavenge.scavenge_span", ("s", "now", "limit"), ("now", "limit"), ("user", "last_used", "shortest_idle")),
    Operation("scavenge.scavengelist", ("spans", "now", "limit"), (), ("npreleased", "user", "last_used", "shortest_idle")),
    Operation("scavenge.scavenge", ("now", "limit"), ("limit",), ("npreleased", "unusedsince", "user", "last_used", "clock")),
)
FLAGS = ("acct", "acct_inuse", "acct_idle", "large", "needzero")
Given = Mapping[str, int]


def arguments(stage: Scene, op: Operation) -> dict[str, Any]:
    """A variable for each argument, and the ends of its values."""
    ends = ends_of(stage)
    made: dict[str, Any] = {a: z3.Bool(a) if a in FLAGS else integer(z3.Int(a), *ends[a]) for a in op.args}
    return {"h": num(1), **made}


def ends_of(stage: Scene) -> dict[str, tuple[int, int]]:
    words = (0, stage.spec.parameters.word_max)
    spans = (1, stage.schema.records["Span"].count)
    lists = (1, stage.schema.records["SpanList"].count)
    few = {"npage": (1, 8), "sizeclass": (0, 3)}
    return {"s": spans, "spans": lists, "now": words, "limit": words, "unusedsince": words, **few}


def known(stage: Scene, op: Operation, world: World, given: Given, memory: Cells) -> list[Term]:
    """What the paths are told of a heap and of the arguments."""
    told = [z3.And(lo <= z3.Int(a), z3.Int(a) <= hi) for a, (lo, hi) in ends_of(stage).items() if a in op.args]
    for a in op.args:
        if a not in op.open:
            told.append(z3.Bool(a) == bool(given[a]) if a in FLAGS else z3.Int(a) == given[a])
    for record, field, number, index, value in world.cells():
        scalar = stage.schema.records[record].fields[field].scalar
        assert scalar is not None
        if scalar.kind == "lock" or (field in OPEN.get(record, ()) and field not in op.told):
            continue
        if index is not None and index > len(world.root.os.page) + 1:
            continue
        cell = memory.first(record, field, num(number), None if index is None else num(index))
        told.append(cell == bool(value) if scalar.kind == "bool" else cell == value)
    return told


def drawn(stage: Scene, op: Operation, world: World, given: dict[str, int], rng: random.Random) -> dict[str, int]:
    """Other contents of what the paths were not told: often those that a heap would have, and ends of ranges."""
    ends = ends_of(stage)
    for record, fields in OPEN.items():
        for field in fields:
            scalar = stage.schema.records[record].fields[field].scalar
            assert scalar is not None
            if field in op.told or rng.random() < 0.5:
                continue
            for cell in world.cells():
                if cell[:2] == (record, field) and rng.random() < 0.3:
                    most = 1 if field == "needzero" else scalar.hi  # of other bits than the last, a union is not exact
                    few = rng.choice([scalar.lo, most, rng.randint(scalar.lo, most), 1, 2, 3])
                    world.store(*cell[:4], min(few, most))
    for a in op.open:
        values = (0, 1) if a in FLAGS else ends[a]
        given[a] = rng.choice([rng.randint(*values), rng.randint(values[0], min(values[1], 6)), world.root.clock % 200 or 1])
        given[a] = max(values[0], min(values[1], given[a]))
    return given


def plain_arguments(world: World, op: Operation, given: Given) -> list[Any]:
    of = {"s": world.records["Span"], "spans": world.records["SpanList"]}
    return [of[a][given[a] - 1] if a in of else bool(given[a]) if a in FLAGS else given[a] for a in op.args]


def compared(stage: Scene, op: Operation, rng: random.Random, variants: int, **named: Any) -> int:
    """Compare on one structure with several contents; how many cases there were."""
    world, held = filled(stage, rng, steps=18)
    mine = [s for s in held if s.state == (1 if op.name.endswith("stack") else 0)] or held
    free = [s for s in world.records["Span"] if s.state == 2 and s.npages]
    spans = free if op.name.startswith("scavenge") else mine
    if "s" in op.args and not spans:
        return 0
    given = {
        "s": rng.choice(spans).number if spans else 0,
        "spans": rng.choice([world.root.freelarge, *world.root.free]).number,
        "npage": rng.randrange(1, 7),
        "sizeclass": rng.randrange(3),
        "now": world.root.clock,
        "limit": rng.randrange(4),
        "unusedsince": rng.choice([0, 3]),
        **{f: rng.randrange(2) for f in FLAGS},
    }
    if "s" in op.args and op.name.startswith("free") and rng.random() < 0.8:
        world.records["Span"][given["s"] - 1].alloc_count = 0
    found = outcomes(
        stage,
        op.name,
        lambda memory: arguments(stage, op),
        lambda memory: known(stage, op, world, given, memory),
        **named,
    )
    start = [(c[:4], c[4]) for c in world.cells()]
    for _ in range(variants):
        for cell, value in start:
            world.store(*cell, value)
        values = drawn(stage, op, world, dict(given), rng)
        before = cells_of(world)
        stage.spec.parameters.reset(dict(stage.parameters))
        got = after(partial(stage.call, op.name, world.root, *plain_arguments(world, op, values)))
        agree(found, before, cells_of(world), values, got)
    return variants


def cases(op: Operation, sets: list[str], rng: random.Random, walks: int, variants: int) -> int:
    """Compare on several structures, with the sets of parameters in turn; how many cases there were."""
    done = [0]
    while len([d for d in done if d]) < walks:
        done.append(compared(scene(SETS[sets[len(done) % len(sets)]]), op, rng, variants))
    return sum(done)


def name_of(op: Operation) -> str:
    return op.name.rpartition(".")[2]


@pytest.mark.parametrize("op", OPERATIONS, ids=name_of)
def test_an_operation_does_what_the_plain_heap_does(op: Operation) -> None:
    walks = 2 if op.open == ("npage",) else 3
    assert cases(op, list(SETS), random.Random(op.name), walks, 12) >= 24


@pytest.mark.slow
@pytest.mark.parametrize("chosen", SETS)
@pytest.mark.parametrize("op", OPERATIONS, ids=name_of)
def test_an_operation_does_what_the_plain_heap_does_with_many_parameters(op: Operation, chosen: str) -> None:
    assert cases(op, [chosen], random.Random(op.name + chosen), 4, 20) == 80


@pytest.mark.slow
@pytest.mark.parametrize("name", ["free.free_span", "free.free_stack"])
def test_freeing_has_one_path_for_each_heap(name: str) -> None:
    """Nothing is told of the heap: each of all the paths is held against each of many heaps."""
    op, rng = next(o for o in OPERATIONS if o.name == name), random.Random(name)
    stage = scene(SETS["bytes"])
    ends = [z3.Int("s") >= 1, z3.Int("s") <= ends_of(stage)["s"][1]]
    found = outcomes(stage, name, lambda memory: arguments(stage, op), lambda memory: ends)
    count = 0
    while count < 150:
        world, held = filled(stage, rng, steps=18)
        for s in held:
            given = drawn(stage, op, world, {"s": s.number, "acct": 1}, rng)
            before = cells_of(world)
            got = after(partial(stage.call, name, world.root, *plain_arguments(world, op, given)))
            agree(found, before, cells_of(world), given, got)
            for cell, value in before.items():
                world.store(*cell, value)
            count += 1


@pytest.mark.parametrize("edit", [None, Edit("scavenge.scavenge_span", "end <= start", "start == end")], ids=("right", "B02"))
def test_scavenging_is_what_the_plain_heap_does_for_any_physical_page_size(edit: Edit | None) -> None:
    stage, rng = scene({**BYTES, "word_bits": 16}, *([edit] if edit else [])), random.Random(5)
    op = Operation("scavenge.scavenge_span", ("s", "now", "limit"), ("now", "limit"))
    size = z3.Int("unit")
    unit = integer(size, 1, 1 << 10)
    told = [z3.Or(*(size == 1 << k for k in range(11))), *(z3.Int(a) >= 0 for a in op.args), z3.Int("s") >= 1]
    told += [z3.Int("s") <= 10, z3.Int("now") < 1 << 16, z3.Int("limit") < 1 << 16]
    found = outcomes(
        stage,
        op.name,
        lambda memory: arguments(stage, op),
        lambda memory: told,
        variables={"phys_page_size": unit},
        summaries={"environment.os.sys_unused": lambda state, args: None},
    )
    assert len(found) >= 5
    for _ in range(120):
        world = World(stage.schema)
        span = world.root.mspans[rng.randrange(4)]
        span.start_addr, span.npages = 64 + 4 * rng.randrange(300), rng.choice([rng.randrange(1, 20), 16380])
        span.npreleased, span.unusedsince = rng.randrange(4), rng.randrange(1 << 16)
        world.root.memstats.heap_released = rng.randrange(1 << 16)
        given = {"s": span.number, "now": rng.randrange(1 << 16), "limit": rng.choice([0, 100, 1 << 15])}
        given["unit"] = 1 << rng.randrange(11)
        before = cells_of(world)
        stage.spec.parameters.phys_page_size = given["unit"]
        got = after(partial(stage.call, op.name, world.root, *plain_arguments(world, op, given)))
        now = {k: before[k] if k[0] == "OS" else v for k, v in cells_of(world).items()}
        agree(found, before, now, given, got)


def test_a_path_is_the_same_when_it_is_run_again() -> None:
    stage, op = scene(SETS["pages"]), next(o for o in OPERATIONS if o.name == "alloc.alloc_stack")
    world, _ = filled(stage, random.Random(4), steps=18)

    def run() -> list[tuple[list[str], list[str]]]:
        found = outcomes(
            stage, op.name, lambda memory: arguments(stage, op), lambda memory: known(stage, op, world, {}, memory)
        )
        return [([f.sexpr() for f in o.facts], [o.goal.sexpr() for o in o.obligations]) for o in found]

    first = run()
    assert len(first) > 2
    assert run() == first
