"""What mapSpans and mapBits map before a new end of the arena is published, for all 64-bit values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, num, unsigned
from checker.symbolic.view import View
from proofs.arithmetic.executing import complete, returning
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit

SHIFT, POINTER = REAL["page_shift"], REAL["ptr_size"]
ALIGNED = "the arena grows by whole pages"
SMALL = "the counterexample is sought among small arenas"
ASSUMES = ("the physical page size is any power of two that a word holds; the tables' memory itself is not modelled",)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is mapped piece by piece.

    Attributes
    ----------
    function, field : str
        What maps it, and the field of the heap that says how many of its bytes are mapped.
    per, entry : int
        So many bytes of the arena are described by ``entry`` bytes of the table.
    chunk : int
        Bytes that are mapped at a time, besides whole physical pages.
    """

    function: str
    field: str
    per: int
    entry: int
    chunk: int


SPANS = Table("table.map_spans", "spans_mapped", PAGE, POINTER, 1)
BITS = Table("environment.arena.map_bits", "bitmap_mapped", REAL["bitmap_scale"], 1, REAL["bitmap_chunk"])


def mapping(table: Table, edits: tuple[Edit, ...] = (), *, aligned: bool = True, only: tuple[str, ...] = ()) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    table : Table
    edits : tuple of Edit
    aligned : bool
        Take for granted that the arena grows by whole pages.
    only : tuple of str
        The conditions to keep; all by default.
    """
    made = program(edits)
    memory = Memory(made.schema)
    phys, used, addr = unsigned("phys_page_size", 64), unsigned("arena_used", 64), unsigned("addr", 64)
    root = View(memory).root
    start, mapped = root.arena_start, getattr(root, table.field)
    premises = {
        "the physical page size is a power of two": conjunction([phys >= 1, (phys & (phys - 1)) == 0]),
        "the new end is not below the arena's start": start <= used,
        "the address is below the new end": conjunction([start <= addr, addr < used]),
        "what is mapped is whole physical pages": (mapped & (phys - 1)) == 0,
        **({ALIGNED: ((used - start) & (PAGE - 1)) == 0} if aligned else {SMALL: used <= 1 << 20}),
    }
    result = run(
        made,
        typed(made, table.function),
        {"h": num(1), "arena_used": used},
        variables={"phys_page_size": phys},
        memory=memory,
        premises=list(premises.values()),
        summaries={"environment.os.sys_map_tables": returning(None)},
    )
    demanded = [Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), negation(t.condition)) for t in result.troubles]
    demanded += [] if only else [complete(result.paths, result.troubles)]
    for path in result.paths:
        after = getattr(View(memory, path.writes).root, table.field)
        goals = _conditions(table, mapped, after, addr - start, used - start, phys)
        goals["nothing else changes"] = z3.BoolVal(set(path.writes) <= {("Heap", table.field)})
        for effect in path.effects:
            goals["so many bytes are mapped"] = conjunction([effect.args[1] == after - mapped, effect.args[1] > 0])
        demanded += [Condition(name, path.condition(), goal) for name, goal in goals.items() if not only or name in only]
    return Problem(
        premises=premises,
        conditions=demanded,
        possible={"all is mapped already": mapped > used - start, "nothing is mapped yet": mapped == 0},
        memory=memory,
        inputs={
            "phys_page_size": phys,
            "bytes in use": used - start,
            "arena_start": start,
            "arena_used": used,
            "addr": addr,
            "mapped": mapped,
        },
        smallest=("mapped", "bytes in use", "phys_page_size", "arena_start", "addr"),
        replay=partial(replay, table, edits),
    )


def _conditions(table: Table, mapped: Num, after: Num, offset: Num, size: Num, phys: Num) -> dict[str, Term]:
    """What is mapped afterwards is enough, and no more than that or what was."""
    needed = (size >> table.per.bit_length() - 1) * table.entry
    return {
        "the entry of the address is mapped": (offset >> table.per.bit_length() - 1) * table.entry + table.entry <= after,
        "never less than before": after >= mapped,
        "whole physical pages": (after & (phys - 1)) == 0,
        "no more than needed": disjunction([after == mapped, after < needed + table.chunk + phys]),
    }


def replay(table: Table, edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Map the table on the plain heap; the control is an arena of whole pages."""
    broken, text = attempt(table, edits, values)
    size = values["bytes in use"]
    whole = {**values, "bytes in use": -(-size // PAGE) * PAGE}
    control, other = attempt(table, edits, whole)
    return Replay(broken, control, f"{text}; with {whole['bytes in use']} bytes in use, {other}")


def attempt(table: Table, edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when the table is mapped for so many bytes of the arena."""
    heap = PlainHeap(edits, phys_page_size=values["phys_page_size"])
    setattr(heap.h, table.field, values["mapped"])
    heap.call(table.function, heap.h, heap.h.arena_start + values["bytes in use"])
    after = getattr(heap.h, table.field)
    end = (values["addr"] - values["arena_start"]) // table.per * table.entry + table.entry
    broken = frozenset({"the entry of the address is mapped"}) if end > after else frozenset()
    return broken, f"the plain heap has {after} bytes mapped, and the entry of the address ends at byte {end}"
