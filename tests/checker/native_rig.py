"""A spec under given parameters, run as plain Python, lowered Python and native code on the same cells."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from checker.errors import SpecEvaluationError
from checker.frontend.program import Program
from checker.load import load
from checker.lowering import support
from checker.lowering.effects import Effects
from checker.lowering.layout import Layout
from checker.lowering.python_text import Printer, function_name
from checker.native.module import compile_functions
from spec.language import EvaluationError, Throw
from spec.language.plain import World, encode
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

LIMIT = 500
IN_USE, STACK, FREE = 0, 1, 2
PARAMETERS: dict[str, dict[str, int]] = {
    "default": {},
    "two-byte words, large pages": {
        "page_shift": 2,
        "arena_start": 64,
        "arena_pages": 24,
        "phys_page_size": 16,
        "heap_alloc_chunk": 32,
        "grow_pages": 2,
        "max_mheap_list": 6,
        "spans": 16,
        "ptr_size": 2,
        "word_bits": 16,
        "max_time": 9,
    },
    "half the words of Go": {
        "page_shift": 10,
        "phys_page_size": 2048,
        "arena_start": 1 << 20,
        "arena_pages": 40,
        "max_mheap_list": 4,
        "heap_alloc_chunk": 1 << 14,
        "grow_pages": 8,
        "spans": 30,
        "ptr_size": 8,
        "word_bits": 32,
        "gen_bits": 16,
        "max_time": 1000,
    },
    "tight": {"arena_pages": 6, "spans": 4, "max_mheap_list": 3, "max_time": 3, "phys_page_size": 4},
}
HEAP = ("Heap", "Span", "SpanList", "FixAlloc", "MemStats")
ROOTS = [
    "free.free_span_locked",
    "alloc.alloc_span_locked",
    "alloc.best_fit",
    "scavenge.scavenge_span",
    "scavenge.scavengelist",
    "lists.insert",
    "lists.insert_back",
    "lists.remove",
    "lists.is_empty",
    "span.layout",
    "table.in_heap_or_stack",
    "table.lookup_maybe",
]


@dataclass(frozen=True)
class End:
    """How a call ended: its result, or the kind and text of what stopped it; and the cells afterwards."""

    kind: str
    said: object
    cells: bytes


class Rig:
    """One spec under given parameters, ready to run a function in three ways on the same cells."""

    def __init__(self, folder: Path | None, parameters: dict[str, int], roots: list[str], root: str = "Heap") -> None:
        self.spec = load(folder)
        self.spec.parameters.reset(parameters)
        home = next(m for m in self.spec.modules.values() if hasattr(m, root))
        self.schema = Schema(getattr(home, root), self.spec.parameters, 1)
        self.layout = Layout(self.schema)
        self.program = Program(self.spec, self.schema, [])
        self.roots = roots
        for name in roots:
            self.program.function(self.plain(name))
        printer, effects = Printer(self.program, self.layout), Effects(self.program, "lock")
        lines = [x for f in self.program.functions.values() if not effects.suspends(f.name) for x in printer.function(f)]
        head = [f"{name} = {values!r}" for values, name in printer.tables.items()]
        self.lowered = support.namespace(len(self.program.blocks), 0, 0)
        self.lowered["LIMIT"] = LIMIT
        exec("\n".join(head + lines), self.lowered)
        self.native = compile_functions(self.program, self.layout, roots, coverage=True, limit=LIMIT)
        self.runtime = Runtime(self.spec.parameters)

    def plain(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self.spec.modules[name.rpartition(".")[0]], name.rpartition(".")[2])
        return function

    def begin(self) -> World:
        world = World(self.schema)
        if "environment.start" in self.spec.modules:
            self.run(world, "environment.start.initial", world.root)
        return world

    def run(self, world: World, name: str, *args: Any) -> Any:
        with active(self.runtime):
            return self.plain(name)(*args)

    def state(self, world: World) -> bytearray:
        return self.layout.encode(iter(world.cells()), self.layout.heap_bytes)

    def by_plain(self, world: World, name: str, args: tuple[Any, ...]) -> End:
        try:
            result = self.run(world, name, *args)
        except Throw as e:
            return End("throw", str(e), bytes(self.state(world)))
        except (EvaluationError, AttributeError, IndexError):
            return End("error", "", bytes(self.state(world)))
        said = tuple(map(encode, result)) if isinstance(result, tuple) else encode(result)
        return End("return", said, bytes(self.state(world)))

    def by_lowered(self, state: bytearray, name: str, numbers: tuple[int, ...]) -> End:
        try:
            result = self.lowered[function_name(name)](state, *numbers)
        except support.Throw as e:
            return End("throw", (e.message, e.place), bytes(state))
        except SpecEvaluationError as e:
            return End("error", str(e), bytes(state))
        said = tuple(map(int, result)) if isinstance(result, tuple) else int(result or 0)
        return End("return", said, bytes(state))

    def by_native(self, state: bytearray, name: str, numbers: tuple[int, ...]) -> End:
        outcome = self.native.call(name, state, *numbers)
        if outcome.kind == "return":
            return End("return", 0 if outcome.value is None else outcome.value, bytes(state))
        if outcome.thrown is not None:
            return End("throw", outcome.thrown, bytes(state))
        return End("overflow" if outcome.native_limit else "error", outcome.message, bytes(state))

    def differences(self, world: World, name: str, *args: Any) -> tuple[str, list[str]]:
        """How native ended, and where the three disagree; the world goes on as plain left it."""
        before, numbers = self.state(world), tuple(map(encode, args))
        native = self.by_native(bytearray(before), name, numbers)
        lowered = self.by_lowered(bytearray(before), name, numbers)
        out = []
        if native != lowered:
            out.append(f"{name}{numbers}: native {native.kind} {native.said}, lowered {lowered.kind} {lowered.said}")
        if "a loop went round" in str(native.said):
            return "endless", out
        plain = self.by_plain(world, name, args)
        same = plain.kind == native.kind and plain.cells == native.cells
        if plain.kind != "error":
            same &= plain.said == (native.said[0] if plain.kind == "throw" and isinstance(native.said, tuple) else native.said)
        if not same:
            out.append(f"{name}{numbers}: native {native.kind} {native.said}, plain {plain.kind} {plain.said}")
        kind = native.kind if native.kind != "error" else str(native.said).split(": ", 1)[1].split()[0]
        return kind, out


@lru_cache
def heap_rig(which: str) -> Rig:
    return Rig(None, PARAMETERS[which], ROOTS)


def a_call(rng: random.Random, rig: Rig, h: Any) -> tuple[Any, ...]:
    """One call that a heap could make now."""
    live = [s for s in list.__iter__(h.mspans) if s.state in (IN_USE, STACK) and s.npages > 0]
    if live and rng.random() < 0.5:
        s = rng.choice(live)
        s.alloc_count, s.sweepgen = int(rng.random() < 0.02), h.sweepgen
        return "free.free_span_locked", h, s, rng.random() < 0.9, rng.random() < 0.9, rng.choice([0, 0, h.clock])
    word: int = rig.spec.parameters.resolve("word_max")
    spans, some = list.__iter__(h.mspans), rng.choice(list(list.__iter__(h.mspans)))
    other = rng.choice(list(spans))
    lists = [h.freelarge, h.busylarge, *list.__iter__(h.free), *list.__iter__(h.busy)]
    address = rng.choice([0, word, h.arena_start, h.arena_used, rng.randint(0, word)])
    return rng.choice(
        [
            ("alloc.alloc_span_locked", h, rng.choice([1, 1, 2, 3, rng.randint(1, 12)])),
            ("alloc.alloc_span_locked", h, rng.randint(1, 4)),
            ("scavenge.scavengelist", h, rng.choice(lists), rng.choice([h.clock, word]), rng.choice([0, 1])),
            ("scavenge.scavenge_span", h, some, rng.choice([h.clock, word]), 0),
            ("alloc.best_fit", rng.choice(lists), rng.randint(1, 6), rng.choice([None, other])),
            ("lists.is_empty", rng.choice(lists)),
            ("span.layout", some),
            ("table.in_heap_or_stack", h, address),
            ("table.lookup_maybe", h, address),
        ]
    )


def client(rng: random.Random, h: Any, page_shift: int) -> None:
    """What stands between the calls: an allocated span gets its user, time passes."""
    for s in list.__iter__(h.mspans):
        if s.state == FREE and s.list is None and s.npages > 0 and any(x is s for x in list.__iter__(h.spans)):
            s.state, s.sweepgen, s.alloc_count = rng.choice([IN_USE, STACK]), h.sweepgen, 0
            s.limit, s.needzero, s.elemsize = s.start_addr + (s.npages << page_shift), rng.randint(0, 1), rng.choice([0, 3])
    h.clock += int(rng.random() < 0.2)


def corrupt(rng: random.Random, rig: Rig, world: World) -> None:
    """Give a few cells of the heap proper any value of their ranges."""
    cells = [c for c in world.cells() if c[0] in HEAP]
    for _ in range(rng.randint(1, 6)):
        record, name, number, index, value = rng.choice(cells)
        s = rig.layout.cells[record, name].scalar
        near = min(max(value + rng.choice([-1, 1]), s.lo), s.hi)
        world.store(record, name, number, index, rng.choice([near, rng.randint(s.lo, s.hi), s.lo, s.hi]))


def campaign(rig: Rig, seed: int, heaps: int, calls: int, corrupted: bool) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Random heaps: what happened, and all disagreements."""
    rng, seen, wrong = random.Random(seed), Counter[tuple[str, str]](), []
    for _ in range(heaps):
        world = rig.begin()
        for i in range(calls):
            if corrupted and i > calls // 2:
                corrupt(rng, rig, world)
            name, *args = a_call(rng, rig, world.root)
            kind, found = rig.differences(world, name, *args)
            seen[name, kind] += 1
            wrong += found
            if kind != "return":
                break
            client(rng, world.root, rig.spec.parameters.resolve("page_shift"))
    return seen, wrong
