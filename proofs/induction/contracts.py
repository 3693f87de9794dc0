"""What is taken instead of executing a loop over unbounded data: the contract of the function that holds it.

Each is checked against the function's body on many heaps by ``tests/proofs/test_contracts.py``, and printed with the
claims that use it.
"""

from __future__ import annotations

from collections.abc import Callable

from checker.symbolic.evaluate import Summary
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, SymbolicError, conjunction, num
from checker.symbolic.splitting import FALSE, TRUE, Splitter
from checker.symbolic.state import State
from proofs.induction.heap import HERE, LISTS, PAGE
from spec.types import FREE, RELEASED

ASSUMED = {
    "alloc.first_fit": "first_fit returns one of the lists of npage pages or more that is not empty, or None",
    "alloc.best_fit": "best_fit returns a span of the list with npage pages or more, or None",
    "table.recordspan": "recordspan counts one struct more and changes nothing else but the arrays of all spans",
    "environment.os.sys_unused": (
        "sys_unused, given whole physical pages inside one free span (which is shown), releases and wipes exactly these"
    ),
    "grow.grow": "grow keeps the invariant (the claim keeps_grow); the heap before the operation is the one after growth",
    "reclaim.reclaim": "reclaim returns with the lock held and the invariant true: the heap before is the one after it",
}
"""By function: the contract, in words."""


STORING = frozenset({"table.recordspan", "reclaim.reclaim"})
"""Those that only store, and tell the path nothing."""


def assumed(*functions: str) -> tuple[str, ...]:
    """What a claim that uses these contracts takes for granted."""
    return ("the operation runs alone, with the lock free; an arena of 512 GB at most", *(ASSUMED[f] for f in functions))


def contracts(splitter: Callable[[], Splitter]) -> dict[str, Summary]:
    """The contracts, for the executor of the present path."""
    return {
        "alloc.first_fit": lambda state, args: first_fit(splitter(), state, *args),
        "alloc.best_fit": lambda state, args: best_fit(splitter(), state, *args),
        "table.recordspan": lambda state, args: recordspan(splitter(), state, *args),
        "environment.os.sys_unused": lambda state, args: sys_unused(splitter(), state, *args),
        "grow.grow": lambda state, args: grow(splitter(), state),
        "reclaim.reclaim": lambda state, args: None,
    }


def first_fit(x: Splitter, state: State, h: Num, npage: Num) -> Value:
    """None, or a list of fixed length that is long enough and not empty."""
    if not x.decide(conjunction([npage < LISTS, x.flag("fits")])):
        return num(0)
    length = x.fresh("fit", 1, LISTS - 1)
    x.path.tell(npage <= length)
    found = length + x.program.schema.records["Heap"].fields["free"].first[0]
    x.path.tell(x.read(state, "SpanList", "first", found, None) != 0)
    return found


def best_fit(x: Splitter, state: State, spans: Num, npage: Num, best: Num) -> Value:
    """None, or a span of the list that is long enough."""
    if not x.decide(x.flag("fits")):
        return num(0)
    s = x.fresh("best", 1, 1 << 61)
    x.path.tell(x.read(state, "Span", "list", s, None) == spans)
    x.path.tell(x.read(state, "Span", "npages", s, None) >= npage)
    return s


def grow(x: Splitter, state: State) -> Value:
    """Success or not; what it stores is in the heap that the operation begins with, so nothing may be stored before.

    Nor may anything be known of the heap before growth: the other contracts tell nothing when they answer None.
    """
    if any(record for record, _ in state.writes):
        raise SymbolicError("grow.grow", "the heap was stored to before growth, but the contract speaks of the heap before")
    return x.flag("grown")


def recordspan(x: Splitter, state: State, h: Num, s: Num) -> Value:
    """One struct more."""
    count = x.read(state, "Heap", "nspan", HERE, None)
    x.write(state, "Heap", "nspan", Write(TRUE, HERE, None, count + 1))
    return None


def sys_unused(x: Splitter, state: State, h: Num, v: Num, n: Num) -> Value:
    """Release the pages of a range that must be whole physical pages of one free span, which the caller holds as ``s``."""
    s = state.locals["s"]
    start = x.read(state, "Span", "start_addr", s, None)
    npages = x.read(state, "Span", "npages", s, None)
    where, place = "environment.os.sys_unused", "scavenge.scavenge_span"
    inside = conjunction([start <= v, v + n <= start + npages * PAGE])
    x.note()
    x.oblige(n > 0, "os", place, f"{where}: an empty range")
    x.oblige(inside, "os", place, f"{where}: not inside the span")
    x.oblige(x.read(state, "Span", "state", s, None) == FREE, "os", place, f"{where}: the span is not free")
    x.path.tell(n > 0, inside)
    arena = x.scope.value("arena_start", where)
    first, pages = x.quotient(v - arena, PAGE), x.quotient(n, PAGE)
    for field, value in (("page", num(RELEASED)), ("dirty", FALSE)):
        x.write(state, "OS", field, Write(TRUE, HERE, first, value, first + pages))
    return None
