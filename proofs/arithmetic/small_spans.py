"""Counterexamples about nextFreeIndex and nextFreeFast among spans of at most 128 slots, executed whole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, conjunction, unsigned
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.alloc_bits import CACHED, FREE, PASSED, RECORD, SPAN, WITHIN, Bits
from proofs.arithmetic.executing import Alone
from proofs.arithmetic.plain_objects import OBJECTS, PlainPart, part
from proofs.heaps import typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit

MOST = 128
BYTES = 16
INDEX, FAST = "alloc_bits.next_free_index", "alloc_bits.next_free_fast"


def small(
    name: str,
    edits: tuple[Edit, ...] = (),
    *,
    only: tuple[str, ...],
    without: tuple[str, ...] = (),
    words: bool = True,
    least: int = 0,
) -> Problem:
    """The problem for one of the functions.

    Parameters
    ----------
    name : str
        The spec's function.
    edits : tuple of Edit
        Of the spec.
    only : tuple of str
        The conditions to keep.
    without : tuple of str
        Premises to leave out.
    words : bool
        The span has whole words of bits; else whole bytes.
    least : int
        Where freeindex is at least.
    """
    made = part(OBJECTS, edits)
    memory = Memory(made.schema)
    b, first, second = Bits(memory), unsigned("bits 0..63", 64), unsigned("bits 64..127", 64)
    premises = {k: v for k, v in b.premises().items() if k not in without}
    premises |= {
        "the counterexample is sought among small spans": conjunction([b.nelems <= MOST, b.x < b.nelems, b.freeindex >= least]),
        "the bits are these": conjunction([b.word(Num(0, 0)) == first, b.word(Num(1, 1)) == second]),
        "the span has an address and a size": conjunction([b.span.start_addr == 1 << 20, b.span.elemsize == 8]),
    }
    executor = Alone(made, memory, premises=list(premises.values()))
    demanded = []
    for path in executor.body(State(locals={"s": SPAN}), typed(made, name)):
        result = path.result if name == INDEX else View(memory, path.writes).record(RECORD, SPAN).freeindex - 1
        goals = b.ended(path, result) if name == INDEX or path.writes else {}
        demanded += [Condition(k, path.condition(), goal) for k, goal in goals.items()]
    size = (b.nelems + 63 >> 6) << 3 if words else b.nelems + 7 >> 3
    demanded += [Condition(WITHIN, r.when, r.index < size) for r in executor.reads]
    return Problem(
        premises=premises,
        conditions=[c for c in demanded if c.name in only],
        memory=memory,
        inputs={
            "nelems": b.nelems,
            "freeindex": b.freeindex,
            "allocCache": b.span.alloc_cache,
            "bits 0..63": first,
            "bits 64..127": second,
        },
        smallest=("nelems", "freeindex"),
        replay=partial(replay, name, edits, without, words),
    )


class _Watched(list[int]):
    """Bytes that remember the largest index read."""

    most = -1

    def __getitem__(self, i: Any) -> Any:
        self.most = max(self.most, i)
        return super().__getitem__(i)


def replay(name: str, edits: tuple[Edit, ...], without: tuple[str, ...], words: bool, values: Mapping[str, int]) -> Replay:
    """Ask the plain function; the control is the unmodified one, on a span that keeps what it relies on."""
    broken, text = _asked(name, edits, words, values)
    bits, f = values["bits 0..63"] | values["bits 64..127"] << 64, values["freeindex"]
    cache = ~(bits >> f // 64 * 64) % (1 << 64) >> f % 64
    kept = {**values, "allocCache": cache} if without else values
    control, other = _asked(name, (), True, kept)
    return Replay(broken, control, f"{text}; {'with the right cache' if without else 'unmodified'}, {other}")


def _asked(name: str, edits: tuple[Edit, ...], words: bool, values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when a slot is asked for."""
    plain = PlainPart(OBJECTS, edits)
    span = plain.root.span
    bits, f, n = values["bits 0..63"] | values["bits 64..127"] << 64, values["freeindex"], values["nelems"]
    span.freeindex, span.nelems, span.alloc_cache = f, n, values["allocCache"]
    span.start_addr, span.elemsize = 1 << 20, 8
    watched = span.alloc_bits = _Watched((bits >> 8 * i) & 255 for i in range(BYTES))
    told = plain.call(name, span)
    result = told if name == INDEX else (told - (1 << 20)) // 8
    after = span.freeindex
    if name == FAST and told == 0:
        return frozenset(), f"{name.rpartition('.')[2]} gives none"
    taken = [(bits >> i) & 1 for i in range(BYTES * 8)]
    block = bits >> after // 64 * 64
    wrong = {
        PASSED: not all(taken[f:result]),
        FREE: result < n and taken[result] == 1,
        CACHED: after < n and span.alloc_cache != ~block % (1 << 64) >> after % 64,
        WITHIN: watched.most >= ((n + 63) // 64 * 8 if words else (n + 7) // 8),
    }
    read = f", reads up to byte {watched.most}" if watched.most >= 0 else ""
    text = f"{name.rpartition('.')[2]} gives slot {result}, then freeindex is {after}, allocCache {span.alloc_cache:#x}{read}"
    return frozenset(k for k, bad in wrong.items() if bad), text
