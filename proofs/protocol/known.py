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
from proofs.protocol.logic import both, either, equal, iff, neg
from proofs.protocol.now import HERE, OF_SPANS, WATCHED, Now, same
from spec.types import DEAD

RECLAIM_LIST, MARKER = "reclaim.reclaim_list", "environment.marker.heap_bits_for_object"


def _is_known(x: Any, n: Now, s: Num) -> Term:
    """A struct; where the marker has a pointer to an object, of a span that was handed out, not one that growth will free."""
    handed_out = both(n.in_use(s), equal(n.span("born", s), 0))
    return both(n.known(s), handed_out) if x.functions[-1] == MARKER else n.known(s)


def _is_listed(x: Any, n: Now, s: Num) -> Term:
    """Structs of lists are initialised; those of a busy list, which reclaimList walks under the lock, are in use."""
    return both(n.known(s), n.in_use(s)) if x.functions[-1] == RECLAIM_LIST else n.known(s)


def _is_dead(x: Any, n: Now, s: Num) -> Term:
    return both(n.known(s), equal(n.span("state", s), DEAD))


FACTS: dict[tuple[str, str], Callable[[Any, Now, Num], Term]] = {
    ("Heap", "spans"): _is_known,
    ("SpanList", "first"): _is_listed,
    ("Span", "next"): _is_listed,
    ("FixAlloc", "list"): _is_dead,
}
"""By field: what is known of a span that it leads to. The claims ``keeps_*`` show these."""

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
    """One struct more, which nobody has initialised."""
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
    heap |= {str(k): iff(new.inside(u), old.inside(u)) for k, u in enumerate((x.any_thread, ME))}
    kept = [f for f in (*WATCHED["Span"], *OF_SPANS) if f != "due"]

    def link(s: Num) -> dict[str, Term]:
        counted = both(s >= 1, s <= old.heap("nspan"))
        due = either(both(counted, old.in_use(s)), both(neg(counted), old.span("due", s)))
        owners = {g: iff(new.steady(old.span(g, s)), old.steady(old.span(g, s))) for g in ("owner", "looker")}
        return {"kept": same(old, new, s, *kept), "due": equal(new.span("due", s), due), **owners}

    x.becomes(state, new, heap, link)
    return None


SUMMARIES: dict[str, Callable[[Any, State, tuple[Value, ...]], Value]] = {
    "alloc.alloc_large": alloc_large,
    "table.recordspan": recordspan,
    "environment.world.nobody_inside": nobody_inside,
    "environment.observer.cycle_begins": cycle_begins,
}
"""By function: its contract."""
