"""What grow asks the arena for, for every request that a machine word holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory, Value
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import complete, returning
from proofs.arithmetic.plain_heap import PAGE, PlainHeap
from proofs.heaps import REAL, program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit

SHIFT = REAL["page_shift"]
QUANTUM = REAL["grow_pages"] << SHIFT
CHUNK = REAL["heap_alloc_chunk"]
LARGEST = (1 << 64 - SHIFT) - REAL["grow_pages"]
"""The largest number of pages whose bytes, rounded up, are a machine word."""

SYS_ALLOC, FREE = "environment.arena.sys_alloc", "free.free_span_locked"
ASSUMES = (
    "sys_alloc, fixalloc, the loop that fills the table and free_span_locked are not executed: a claim speaks of what they get",
    "pages of 8192 bytes, a quantum of 8 pages, a least growth of 1 MB, words of 64 bits",
)
Conditions = Callable[[State, Memory, Num, list[Num]], dict[str, Term]]
"""From a path, the request and what sys_alloc returns, call by call, to what must hold."""


def growing(
    conditions: Conditions, edits: tuple[Edit, ...] = (), premises: Mapping[str, Callable[[Num], Term]] | None = None
) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    conditions : callable
        Those of a path.
    premises : mapping
        About the request.
    """
    made = program(edits)
    memory = Memory(made.schema)
    npage, fresh = unsigned("npage", 64), word(z3.BitVec("fresh", 63), 1)
    answers = [unsigned(f"v{i}", 64) for i in range(2)]

    def sys_alloc(state: State, args: tuple[Value, ...]) -> Value:
        return answers[sum(e.function == SYS_ALLOC for e in state.effects) - 1]

    result = run(
        made,
        typed(made, "grow.grow"),
        {"h": num(1), "npage": npage},
        memory=memory,
        summaries={
            SYS_ALLOC: sys_alloc,
            "environment.fixalloc.fixalloc_alloc": returning(fresh),
            "table.set_table": returning(None),
            FREE: returning(None),
        },
    )
    demanded = [Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), z3.Not(t.condition)) for t in result.troubles]
    demanded.append(complete(result.paths, result.troubles))
    for path in result.paths:
        goals = conditions(path, memory, npage, answers)
        demanded += [Condition(name, path.condition(), goal) for name, goal in goals.items()]
    return Problem(
        premises={"the struct is one": fresh >= 1} | {name: about(npage) for name, about in (premises or {}).items()},
        conditions=demanded,
        possible={
            "more than the least growth is asked for": npage > CHUNK >> SHIFT,
            "only the least that is needed is there": conjunction([npage <= 8, answers[0] == 0, answers[1] != 0]),
            "there is no memory": conjunction([answers[0] == 0, answers[1] == 0]),
        },
        memory=memory,
        inputs={"npage": npage},
        smallest=("npage",),
        replay=partial(replay, edits),
    )


def attempts(path: State) -> list[tuple[Term, Num]]:
    """The bytes that sys_alloc is asked for, call by call, and whether the call is made."""
    return [(e.guard, e.args[1]) for e in path.effects if e.function == SYS_ALLOC]


def rounding(path: State, memory: Memory, npage: Num, answers: list[Num]) -> dict[str, Term]:
    """The request rounded up to the quantum, or the least growth; and the new span is what was got."""
    (_, first), *others = attempts(path)
    need, last, address = npage << SHIFT, first, answers[0]
    out = {
        "whole quanta": (first & (QUANTUM - 1)) == 0,
        "at least the request": first >= need,
        "at least the least growth": first >= CHUNK,
        "no more than needed": disjunction([first == CHUNK, first < need + QUANTUM]),
        "at most two attempts": z3.BoolVal(len(others) <= 1),
    }
    for made, second in others:
        out |= {
            "a second attempt exactly after a failed one for more": made == conjunction([answers[0] == 0, second < first]),
            "whole quanta again": z3.Implies(made, (second & (QUANTUM - 1)) == 0),
            "the least that holds the request": z3.Implies(made, conjunction([second >= need, second < need + QUANTUM])),
        }
        last, address = choice(made, second, first), choice(made, answers[1], answers[0])
    out["success exactly with memory"] = path.result == (address != 0)
    for effect in path.effects:
        if effect.function == FREE:
            span = View(memory, path.writes).record("Span", effect.args[1])
            out |= {
                "the new span is the memory": conjunction([span.start_addr == address, span.npages << SHIFT == last]),
                "the new span holds the request": span.npages >= npage,
            }
    return out


def enough(path: State, memory: Memory, npage: Num, answers: list[Num]) -> dict[str, Term]:
    """What is asked for first holds the request."""
    return {"at least the request": attempts(path)[0][1] >= npage << SHIFT}


def enough_exactly(path: State, memory: Memory, npage: Num, answers: list[Num]) -> dict[str, Term]:
    """Every attempt is enough exactly for requests up to the largest."""
    holds = [(n >= npage << SHIFT) == (npage <= LARGEST) for _, n in attempts(path)]
    return {f"attempt {i}": goal for i, goal in enumerate(holds, 1)}


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Let the plain heap allocate so much; the control is the same with one page less."""
    broken, text = attempt(edits, values["npage"])
    control, other = attempt(edits, values["npage"] - 1)
    return Replay(broken, control, f"{text}; for npage={values['npage'] - 1}, {other}")


def attempt(edits: tuple[Edit, ...], npage: int) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when an empty heap is asked for so many pages."""
    heap = PlainHeap(edits, initialised=True)
    asked_for: list[int] = []
    with heap.listening("grow", "sys_alloc", lambda h, n: asked_for.append(n)):
        grown = heap.call("grow.grow", heap.h, npage)
        span = heap.call("alloc.alloc_m", heap.h, npage, 0, True) if grown else None
    broken = frozenset({"at least the request"}) if asked_for[0] < npage * PAGE else frozenset()
    text = f"the plain heap's grow asks for {asked_for[0]} bytes and returns {grown}"
    if grown:
        text += f", and alloc_m returns {span} with heap_sys={heap.h.memstats.heap_sys}"
    return broken, text
