"""What allocating a span takes from heap_released: exactly what the span counts as released."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Term, conjunction, disjunction, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import complete, returning
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.types import FREE

SHIFT = REAL["page_shift"]
NOT_EXECUTED = (
    "alloc.first_fit",
    "alloc.alloc_large",
    "grow.grow",
    "environment.os.sys_used",
    "environment.fixalloc.fixalloc_alloc",
    "free.free_span_locked",
    "table.set_table",
)
ASSUMES = (
    f"{', '.join(NOT_EXECUTED)} are not executed: only scavenge_span and alloc_span_locked store to heap_released",
    "pages of 8192 bytes, words of 64 bits; npreleased is counted in fewer than 2^51 pages",
)
SHARE = "the share of the others"


def taking(edits: tuple[Edit, ...] = (), *, short: bool = False) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    edits : tuple of Edit
    short : bool
        Let one byte be missing in heap_released, ask of heap_released alone, and only of a span that fits exactly.
    """
    made = program(edits)
    memory = Memory(made.schema)
    before = View(memory)
    npage, fixed, fresh = unsigned("npage", 64), word(z3.BitVec("fixed", 63)), word(z3.BitVec("fresh", 63), 1)
    large = [word(z3.BitVec(f"large{i}", 63)) for i in range(2)]

    def alloc_large(state: State, args: tuple[Value, ...]) -> Value:
        return large[sum(e.function == "alloc.alloc_large" for e in state.effects) - 1]

    answers: dict[str, Value] = {
        "alloc.first_fit": fixed,
        "grow.grow": z3.Bool("grown"),
        "environment.fixalloc.fixalloc_alloc": fresh,
    }
    summaries = {name: returning(answers.get(name)) for name in NOT_EXECUTED}
    result = run(
        made,
        typed(made, "alloc.alloc_span_locked"),
        {"h": num(1), "npage": npage},
        memory=memory,
        summaries=summaries | {"alloc.alloc_large": alloc_large},
    )
    premises = {"the new struct is one that no span has": conjunction([fresh >= 1, *(fresh != n for n in (fixed, *large))])}
    premises |= {"no list begins with it": disjunction([fixed == 0, before.record("SpanList", fixed).first != fresh])}
    demanded = [complete(result.paths, result.troubles)]
    for path in result.paths:
        demanded += [Condition(*goal) for goal in _goals(before, View(memory, path.writes), path, 1 if short else 0)]
    span = before.record("Span", large[0])
    if short:
        whole = conjunction([npage == span.npages, span.npages >= 1, span.npages <= 8, span.npreleased <= span.npages])
        premises["the span is found in freelarge and fits exactly"] = conjunction([fixed == 0, large[0] >= 1, whole])
    taken = disjunction([conjunction([p.condition(), p.result != 0]) for p in result.paths])
    return Problem(
        premises=premises,
        conditions=[c for c in demanded if not short or c.name == SHARE],
        possible={
            "a span is found and split": conjunction([taken, fixed != 0]),
            "the heap grows": conjunction([taken, fixed == 0, large[0] == 0]),
        },
        memory=memory,
        inputs={
            "npages": span.npages,
            "npreleased": span.npreleased,
            "heap_released": before.root.memstats.heap_released,
        },
        smallest=("npages", "npreleased", "heap_released"),
        replay=partial(replay, edits),
    )


def _goals(before: View, now: View, path: State, gap: int) -> list[tuple[str, Term, Term]]:
    """Names, situations and goals of one path, if heap_released lacks at most ``gap`` bytes of what the span counts."""
    s = path.result
    span, released = before.record("Span", s), before.root.memstats.heap_released
    counted, then = span.npreleased << SHIFT, now.root.memstats.heap_released
    taken = conjunction([path.condition(), s != 0, span.npreleased < 1 << 64 - SHIFT, released + gap >= counted])
    return [
        (SHARE, taken, then == released - counted),
        ("the span counts nothing any more", taken, now.record("Span", s).npreleased == 0),
        ("without a span nothing changes", conjunction([path.condition(), s == 0]), then == released),
    ]


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Allocate a heap's only free span; the control has one byte more in heap_released."""
    broken, text = _taken(edits, values)
    control, other = _taken(edits, {**values, "heap_released": values["heap_released"] + 1})
    return Replay(broken, control, f"{text}; with one byte more, {other}")


def _taken(edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    heap = PlainHeap(edits, spans=1, initialised=True)
    h, s = heap.h, heap.spans[0]
    s.state, s.start_addr, s.npages, s.npreleased = FREE, h.arena_start, values["npages"], values["npreleased"]
    h.memstats.heap_released = values["heap_released"]
    heap.call("lists.insert", heap.call("free.free_list", h, s.npages), s)
    heap.call("alloc.alloc_span_locked", h, s.npages)
    then = h.memstats.heap_released
    broken = frozenset() if then == values["heap_released"] - values["npreleased"] * PAGE else frozenset({SHARE})
    return broken, f"the plain heap leaves heap_released at {then}"
