"""Counterexamples about the scavenger, run on the plain heap and judged by plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proofs.heaps import REAL, spec_with
from proofs.kernel import Replay
from spec.language import Edit
from spec.language.plain import World
from spec.language.runtime import Runtime, active
from spec.language.schema import Schema

PAGE = 1 << 13
WORD = 1 << 64
FREE = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What the plain heap did with one span."""

    calls: tuple[tuple[int, int], ...]
    result: int
    npreleased: int
    heap_released: int
    changed: frozenset[tuple[str, str]]
    noted: str


def scavenge(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Seen:
    """Run `scavenge_span` of the spec with these edits on a heap whose only span has these values."""
    spec = spec_with(edits)
    spec.parameters.reset({**REAL, "arena_pages": 1024, "phys_page_size": values["phys_page_size"]})
    root = next(iter(spec.scenarios.values())).root
    world = World(Schema(root, spec.parameters, threads=1))
    h, s = world.root, world.root.mspans[0]
    h.nspan, h.spanalloc.inuse, h.arena_start = 1, 160, spec.parameters.resolve("arena_start")
    s.state, s.start_addr, s.npages = FREE, values["base"], values["npages"]
    s.npreleased, s.unusedsince = values["npreleased"], values["unusedsince"]
    h.memstats.heap_released = values["heap_released"]
    before = {c[:4]: c[4] for c in world.cells()}
    module: Any = spec.modules["scavenge"]
    original, calls = module.sys_unused, []

    def listening(heap: Any, start: int, length: int) -> None:
        calls.append((start, length))
        original(heap, start, length)

    module.sys_unused = listening
    try:
        with active(Runtime(spec.parameters)):
            result = module.scavenge_span(h, s, values["now"], values["limit"])
    finally:
        module.sys_unused = original
    changed = {c[:2] for c in world.cells() if before[c[:4]] != c[4] and c[0] != "OS"}
    scalar = world.schema.records["OS"].fields["bad_range"].scalar
    noted = scalar.names[h.os.bad_range] if scalar is not None else ""
    return Seen(tuple(calls), result, s.npreleased, h.memstats.heap_released, frozenset(changed), noted)


def broken(values: Mapping[str, int], seen: Seen) -> frozenset[str]:
    """The names of the conditions that do not hold of what was seen."""
    unit = max(values["phys_page_size"], PAGE)
    base, end = values["base"], values["base"] + values["npages"] * PAGE
    lo, hi = -(-base // unit) * unit, end // unit * unit
    whole = max(hi - lo, 0)
    old = (values["now"] - values["unusedsince"]) % WORD > values["limit"]
    new = max(whole - values["npreleased"] * PAGE, 0)
    due = old and new > 0
    out = {
        "released only what is due": due or not seen.calls,
        "released all that is due": bool(seen.calls) or not due,
        "statistics": seen.heap_released - values["heap_released"] == (new if due else 0),
        "count of the span": seen.npreleased == (whole // PAGE if due else values["npreleased"]),
        "result": seen.result == (new if due else 0),
        "nothing else changes": seen.changed <= {("MemStats", "heap_released"), ("Span", "npreleased")},
        "not empty": all(length > 0 for _, length in seen.calls),
        "aligned": all(start % unit == 0 and length % unit == 0 for start, length in seen.calls),
        "inside the span": all(base <= start and start + length <= end for start, length in seen.calls),
        "exactly the whole physical pages": all((start, start + length) == (lo, hi) for start, length in seen.calls),
    }
    return frozenset(name for name, holds in out.items() if not holds)


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Run a counterexample on the plain heap, with these edits and without."""
    seen = scavenge(edits, values)
    if seen.calls:
        start, length = seen.calls[0]
        text = f"the plain heap calls sys_unused({start:#x}, {length:#x})"
        text += f", which the operating system notes as {seen.noted}" if seen.noted != "NOTHING" else ""
    else:
        text = "the plain heap releases nothing"
    text += f"; heap_released becomes {seen.heap_released}, npreleased {seen.npreleased}"
    return Replay(broken(values, seen), broken(values, scavenge((), values)), text)
