"""The invariant of the induction on one plain heap: its ghosts computed from the heap's objects alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import z3

from checker.symbolic.cells import Cells
from checker.symbolic.linear import integer
from checker.symbolic.memory import Value
from checker.symbolic.number import Num, num
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import REAL
from proofs.induction import invariant
from proofs.induction.heap import GHOSTS, Heap, Whole
from proofs.induction.heap import cells as made
from spec.types import DEAD, FREE, IN_USE, STACK
from tests.checker.terms_rig import OPERATORS, Node, node_of

PAGES, SPANS = 512, 40
Ghosts = dict[tuple[str, int], int]
Cell = tuple[str, str, int, int | None]
CellsOf = Mapping[Cell, int]


def ghosts_of(plain: PlainHeap) -> Ghosts:
    """Who owns which page, places in lists and in the allocator's stack, and sums: counted one by one."""
    h = plain.h
    arena = h.arena_start // PAGE
    out: Ghosts = {("arena", 0): arena, ("used", 0): h.arena_used // PAGE - arena, ("end", 0): h.arena_end // PAGE - arena}
    live = [s for s in list(plain.spans)[: h.nspan] if s.state != DEAD]
    for s in plain.spans:
        out["first", s.number] = s.start_addr // PAGE - arena
    for s in live:
        first = s.start_addr // PAGE - arena
        out |= {("owner", p): s.number for p in range(first, first + min(s.npages, 2 * PAGES))}
    for spans in (*h.free, h.freelarge, *h.busy, h.busylarge):
        out |= {("position", s.number): k for k, s in enumerate(chain(spans.first), 1)}
    dead = list(chain(h.spanalloc.list))
    out["dead", 0] = len(dead)
    for k, s in enumerate(reversed(dead), 1):
        out["at", k], out["depth", s.number] = s.number, k
    kinds = {"free": FREE, "in_use": IN_USE, "stack": STACK}
    out |= {(f"sum_{name}", 0): sum(s.npages for s in live if s.state == state) for name, state in kinds.items()}
    out["sum_released", 0] = sum(s.npreleased for s in live if s.state == FREE)
    out["sum_live", 0] = len(live)
    return out


def chain(s: Any) -> Iterator[Any]:
    """A span and those behind it, each once, should a damaged list have a cycle."""
    seen = set()
    while s is not None and s.number not in seen:
        seen.add(s.number)
        yield s
        s = s.next


class Concrete(Cells):
    """The memory of one plain heap: every cell and every ghost has its value, so that terms become truth values."""

    def __init__(self, plain: PlainHeap, content: CellsOf, ghosts: Ghosts) -> None:
        super().__init__(plain.world.schema)
        self.ghosts = dict(GHOSTS)
        self._content = content
        self._ghosts = ghosts

    def function(self, record: str, field: str, number: Num, index: Num | None = None) -> Value:
        """The content of a cell; 0 outside of what there is."""
        where = (record, field, known(number), None if index is None else known(index))
        value = self._content.get(where, 0)
        return z3.BoolVal(bool(value)) if self.scalar(record, field).kind == "bool" else num(value)

    def ghost(self, name: str, lo: int, hi: int, *where: Num) -> Num:
        """The value of a ghost."""
        return num(self._ghosts.get((name, known(where[0]) if where else 0), 0))

    def round_down(self, value: Num, unit: Num) -> Num:
        """The multiple below."""
        return num(known(value) // known(unit) * known(unit))


def known(value: Num) -> int:
    """The value of a constant."""
    assert value.constant is not None
    return value.constant


def content(plain: PlainHeap) -> dict[Cell, int]:
    """The heap's cells."""
    return {c[:4]: c[4] for c in plain.world.cells()}


class Terms:
    """The clauses for one span, page, list or place, made once as the induction makes them, and read heap by heap."""

    def __init__(self, plain: PlainHeap, large: bool) -> None:
        memory = made(plain.world.schema)
        where = {key: variable("s") if key[0] == "Span" else num(1) for key in memory.given}
        self.given = {key: node_of(value(where[key], None)) for key, value in memory.given.items()}
        h, whole = Heap(memory), Whole(memory, variable("ratio") if large else None)
        s, p = variable("s"), variable("p")
        self.of = {
            "s": {**invariant.of_span(h, s, whole), **invariant.of_links(h, s)},
            "sp": invariant.of_page_and_span(h, s, p),
            "n": invariant.of_list(h, variable("n")),
            "p": invariant.of_page(h, p),
            "k": invariant.of_place(h, variable("k")),
        }
        self.nodes = {kind: {name: node_of(term) for name, term in found.items()} for kind, found in self.of.items()}


def variable(name: str) -> Num:
    """A number that may be any."""
    return integer(z3.Int(name), -(1 << 62), 1 << 62)


@lru_cache
def terms(large: bool) -> Terms:
    """The clauses for physical pages of more than one heap page, or of less."""
    return Terms(PlainHeap(spans=SPANS, arena_pages=PAGES, held=8), large)


def clauses(plain: PlainHeap, cells: CellsOf, ghosts: Ghosts) -> dict[str, list[str]]:
    """Each clause of the invariant, with where it is false."""
    phys = plain.spec.parameters.resolve("phys_page_size")
    parts, found = terms(phys > PAGE), dict[str, list[str]]()
    values = {"ratio": phys // PAGE, **{name: ghosts[name, 0] for name in ("arena", "used", "end")}}

    def note(where: str, made: Mapping[str, int]) -> None:
        for name, holds in made.items():
            found.setdefault(name, []).extend([] if holds else [where])

    def check(kind: str, **at: int) -> None:
        reading = Reading(cells, ghosts, {**values, **at})
        note(f"{kind} {at}", {name: reading.value(node) for name, node in parts.nodes[kind].items()})

    whole = invariant.of_heap(Heap(Concrete(plain, cells, ghosts)))
    note("the heap", {name: z3.is_true(z3.simplify(term)) for name, term in whole.items()})
    for (record, field), node in parts.given.items():
        for s in range(1, SPANS + 1) if record == "Span" else [1]:
            same = Reading(cells, ghosts, {**values, "s": s}).value(node) == cells[record, field, s, None]
            note(f"s {s}", {f"{record}.{field} is what the induction says it is": same})
    for s in range(1, SPANS + 1):
        check("s", s=s)
        first, npages = ghosts.get(("first", s), 0), cells["Span", "npages", s, None]
        for p in {first - 1, first, first + 1, first + npages - 1, first + npages, first + npages // 2}:
            check("sp", s=s, p=p)
    for n in range(1, plain.world.schema.records["SpanList"].count + 1):
        check("n", n=n)
    for p in range(-1, min(ghosts["used", 0], PAGES) + 2):
        check("p", p=p)
    for k in range(ghosts["dead", 0] + 2):
        check("k", k=k)
    return found


class Reading:
    """What terms are for one heap and one span, page, list or place."""

    def __init__(self, cells: CellsOf, ghosts: Ghosts, constants: Mapping[str, int]) -> None:
        self._cells, self._ghosts, self._constants = cells, ghosts, constants

    def value(self, node: Node) -> int:
        """The value of a term."""
        values = node.children
        if node.op == "number":
            return node.number
        if node.op == "constant":
            return self._constants[node.name]
        if node.op == "ite":
            return self.value(values[1 if self.value(values[0]) else 2])
        if node.op == "and":
            return int(all(map(self.value, values)))
        if node.op == "or":
            return int(any(map(self.value, values)))
        items = [self.value(v) for v in values]
        return self._function(node.name, items) if node.op == "function" else int(OPERATORS[node.op](items))

    def _function(self, name: str, where: list[int]) -> int:
        if name.startswith("down."):
            return where[0] // self._constants["ratio"] * self._constants["ratio"]
        record, _, field = name.rpartition(".")
        if not record:
            return self._ghosts.get((name, where[0]), 0)
        return self._cells.get((record, field, where[0], where[1] if len(where) > 1 else None), 0)


def filled(rng: random.Random, **parameters: int) -> PlainHeap:
    """A heap after random operations of its clients, the collector and the scavenger."""
    phys = rng.choice([2048, 8192, 16384, 65536])
    plain = PlainHeap(spans=SPANS, arena_pages=PAGES, phys_page_size=phys, held=8, initialised=True, **parameters)
    h, held = plain.h, list[int]()
    h.nspan, h.spanalloc.inuse = 0, 0
    plain.call("environment.start.initial", h)
    for _ in range(rng.randrange(1, 40)):
        h.clock += rng.randrange(1, 4)
        step(plain, rng, held)
    return plain


def step(plain: PlainHeap, rng: random.Random, held: list[int]) -> None:
    """One operation."""
    h, kind = plain.h, rng.random()
    if held and kind < 0.4:
        h.mutators[0].root[0] = held.pop(rng.randrange(len(held)))
        plain.call("environment.mutator.give_up", h, h.mutators[0], 0)
    elif kind < 0.5:
        plain.call("scavenge.scavenge", h, *rng.choice([(h.clock, 1), (h.clock, 5), (REAL_MAX, 0)]))
    elif h.nspan + 3 < SPANS:
        name, argument = rng.choice(
            [
                ("environment.client.alloc_large_object", rng.choice([1, 2, 3, 7, 60, 150])),
                ("environment.stacks.stackalloc", rng.choice([3, 4, 5])),
                ("environment.stacks.stackpoolalloc", None),
                ("environment.client.alloc_small_span", rng.randrange(1, 4)),
            ]
        )
        args = [] if argument is None else [argument] + ([5] if name.endswith("small_span") else [])
        v = plain.call(name, h, *args)
        held += [v] if v else []


REAL_MAX = (1 << REAL["word_bits"]) - 1
