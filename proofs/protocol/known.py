"""What is taken for granted of the heap's structure, and of loops over unbounded data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checker.symbolic.cells import MOST_RECORDS
from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term
from checker.symbolic.splitting import TRUE
from checker.symbolic.state import State
from checker.symbolic.stepping import ME
from proofs.protocol.ghosts import STACKS
from proofs.protocol.logic import both, either, equal, iff, neg, unequal
from proofs.protocol.now import HERE, KEPT, OF_SPANS, POOL, WATCHED, Now, same
from spec.types import DEAD

RECLAIM_LIST, MARKER = "reclaim.reclaim_list", "environment.marker.heap_bits_for_object"
OF_POOL = (STACKS + "stackpoolalloc", STACKS + "free_stack_spans")
OF_KEPT = (STACKS + "stackalloc", STACKS + "free_all")
PIN = "environment.mutator.pin"


def _is_known(x: Any, n: Now, s: Num, source: Num) -> Term:
    """A struct of the table; what else is known depends on whose address leads to it.

    A marker's pointer leads to an object's span or a stack that was handed out, not to one that growth will free. An
    address in a mutator's slot leads to a span in use, or to a stack that the mutator has; the length of the span tells
    of which kind.
    """
    in_use, mine, shared = n.in_use(s), equal(n.span("keeper", s), ME), n.stacks(ME, s) >= 1
    asks = x.functions[-2] if x.functions[-1] == "table.lookup" else x.functions[-1]
    more = {
        MARKER: either(both(in_use, equal(n.span("born", s), 0)), equal(n.span("settled", s), 1)),
        PIN: either(in_use, mine, shared),
        STACKS + "stackfree": mine,
        STACKS + "stackpoolfree": shared,
    }
    return both(n.known(s), more.get(asks, TRUE))


def _is_listed(x: Any, n: Now, s: Num, source: Num) -> Term:
    """A struct of a list. A busy list, which reclaimList walks under the lock, has spans in use.

    The pool's list and those of large stacks have what was put into them and not taken out, under their locks.
    """
    where, on_shelf = x.functions[-1], equal(n.span("shelved", s), 1)
    if where == RECLAIM_LIST:
        return both(n.known(s), n.in_use(s))
    for functions, keeper in ((OF_POOL, POOL), (OF_KEPT, KEPT)):
        if where in functions:
            return both(n.known(s), on_shelf, equal(n.span("keeper", s), keeper))
    return n.known(s)


def _is_next(x: Any, n: Now, s: Num, source: Num) -> Term:
    """A list has no span twice."""
    return both(_is_listed(x, n, s, source), unequal(s, source))


def _is_dead(x: Any, n: Now, s: Num, source: Num) -> Term:
    return both(n.known(s), equal(n.span("state", s), DEAD))


FACTS: dict[tuple[str, str], Callable[[Any, Now, Num, Num], Term]] = {
    ("Heap", "spans"): _is_known,
    ("SpanList", "first"): _is_listed,
    ("Span", "next"): _is_next,
    ("FixAlloc", "list"): _is_dead,
}
"""By field: what is known of a span that it leads to, and from which record. The claims ``keeps_*`` show these."""

ENDS = {("Span", "npages"): 1 << 51, ("Work", "spanidx"): (1 << 32) - 2}
"""By field: the most that it holds. A span has no more pages than there are addresses, and sweepone is called fewer than
2^32 - 1 times a cycle."""


def alloc_large(x: Any, state: State, args: tuple[Value, ...]) -> Value:
    """None, or a span of a list: one that is initialised."""
    x.decided()
    s = x.fresh("best", 0, MOST_RECORDS)
    x.idle = False
    x.meet(s)
    x.path.tell(either(equal(s, 0), x.now(state).known(s)))
    return s


def recordspan(x: Any, state: State, args: tuple[Value, ...]) -> Value:
    """One struct more, which nobody has initialised; `proofs.protocol.lemmas` shows it."""
    x.meet(x.now(state).heap("nspan") + 1)
    x.store(state, "Heap", "nspan", Write(TRUE, HERE, None, x.now(state).heap("nspan") + 1))
    return None


def nobody_inside(x: Any, state: State, args: tuple[Value, ...]) -> Value:
    """If the answer is yes, no thread's flag is set; `proofs.protocol.lemmas` shows it."""
    x.idle = False
    now, answer = x.now(state), x.flag("nobody_inside")
    x.path.tell(either(neg(answer), both(*(neg(now.inside(u)) for u in (x.any_thread, ME)))))
    return answer


def cycle_begins(x: Any, state: State, args: tuple[Value, ...]) -> Value:
    """Every span is due if it is in use; nothing else changes; `proofs.protocol.lemmas` shows it. The cycle has started."""
    x.decided()
    old, new = x.now(state), x.new_heap()
    once = [(r, f) for r, fields in WATCHED.items() if r != "Span" for f in fields]
    heap = {f"{r}.{f}": equal(new.cell(r, f), old.cell(r, f)) for r, f in once}
    heap |= {f: equal(new.heap(f), old.heap(f)) for f in ("quiet", "swept")} | {"started": equal(new.heap("starting"), 0)}
    threads = (x.any_thread, ME)
    heap |= {str(k): iff(new.inside(u), old.inside(u)) for k, u in enumerate(threads)}
    kept = [f for f in (*WATCHED["Span"], *OF_SPANS) if f != "due"]

    def link(s: Num) -> dict[str, Term]:
        counted = both(s >= 1, s <= old.heap("nspan"))
        due = either(both(counted, old.in_use(s)), both(neg(counted), old.span("due", s)))
        owners = {g: iff(new.steady(old.span(g, s)), old.steady(old.span(g, s))) for g in ("owner", "looker")}
        stacks = both(*(equal(new.stacks(u, s), old.stacks(u, s)) for u in threads))
        return {"kept": same(old, new, s, *kept), "due": equal(new.span("due", s), due), "stacks": stacks, **owners}

    x.becomes(state, new, heap, link)
    return None


SUMMARIES: dict[str, Callable[[Any, State, tuple[Value, ...]], Value]] = {
    "alloc.alloc_large": alloc_large,
    "table.recordspan": recordspan,
    "environment.world.nobody_inside": nobody_inside,
    "environment.observer.cycle_begins": cycle_begins,
}
"""By function: its contract."""
