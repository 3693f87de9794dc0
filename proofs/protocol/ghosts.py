"""How the proof's ghosts move: what hangs on a store, on a claim, and on the return of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from checker.symbolic.memory import Value, Write
from checker.symbolic.number import Num, Term, num
from checker.symbolic.state import State
from checker.symbolic.stepping import ME
from proofs.protocol.logic import both, equal, neg, unequal
from proofs.protocol.now import KEPT, NOWHERE, POOL, Now
from spec.types import IN_USE, STACK

if TYPE_CHECKING:
    from proofs.protocol.thread import Thread

NOBODY, NO, YES = num(0), num(0), num(1)
STACKS = "environment.stacks."


def claims(x: Thread, state: State, s: Num) -> None:
    """The span is the thread's from the claim on, and no longer just looked at."""
    _drop(x, state, s, "looker")
    x.put(state, "owner", s, ME)
    x.in_hand.append(s)


def _drop(x: Thread, state: State, s: Num, *ghosts: str) -> None:
    """The span is out of the thread's hand, in these respects."""
    now = x.now(state)
    for ghost in ghosts:
        x.put(state, ghost, s, NOBODY, equal(now.span(ghost, s), ME))


def _state(x: Thread, state: State, before: Now, write: Write) -> None:
    """A span comes into use or becomes a stack, or is that no longer; its struct is initialised."""
    s, value = write.number, write.value
    x.put(state, "known", s, YES)
    comes = both(neg(before.in_use(s)), equal(value, IN_USE))
    x.put(state, "born", s, ME, both(before.known(s), comes))
    x.in_hand.append(s)
    goes = unequal(value, IN_USE)
    now = x.now(state)
    for ghost in ("owner", "born"):
        x.put(state, ghost, s, NOBODY, both(goes, equal(now.span(ghost, s), ME)))
    stays = both(before.known(s), equal(before.span("state", s), STACK))
    x.put(state, "keeper", s, ME, both(neg(stays), equal(value, STACK)))
    goes = both(unequal(value, STACK), equal(before.span("keeper", s), ME))
    for ghost in ("keeper", "settled"):
        x.put(state, ghost, s, NOBODY, goes)


def _generation(x: Thread, state: State, before: Now, write: Write) -> None:
    """A cycle starts."""
    x.put(state, "starting", NOWHERE, YES)
    x.put(state, "swept", NOWHERE, NO)


def _stopped(x: Thread, state: State, before: Now, write: Write) -> None:
    """The world is quiet at most while it is stopped."""
    x.put(state, "quiet", NOWHERE, NO, neg(write.value))


def _inside(x: Thread, state: State, before: Now, write: Write) -> None:
    """The thread's own flag; that it is its own is the claims' premise."""
    x.put(state, "inside", ME, x.integer(write.value))


def _lock(x: Thread, state: State, before: Now, write: Write) -> None:
    """With the lock, what was born under it is let go; what became a stack under it can be seen."""
    if write.value.constant == 0:
        for s in x.in_hand:
            _drop(x, state, s, "born")
            x.put(state, "settled", s, YES, equal(x.now(state).span("keeper", s), ME))


def _count(x: Thread, state: State, before: Now, write: Write) -> None:
    """A stack of the pool comes into the thread's hands, or goes out of them."""
    s, pooled = write.number, equal(before.span("keeper", write.number), POOL)
    if x.proves(neg(pooled)):
        return
    more = write.value - before.span("alloc_count", s)
    x.put(state, "users", s, before.span("users", s) + more, pooled)
    x.put(state, "stacks", ME, before.stacks(ME, s) + more, pooled, s)


STORED: dict[tuple[str, str], Callable[[Any, State, Now, Write], None]] = {
    ("Span", "state"): _state,
    ("Span", "alloc_count"): _count,
    ("Heap", "sweepgen"): _generation,
    ("World", "stopped"): _stopped,
    ("Mutator", "inside"): _inside,
    ("BackgroundSweep", "inside"): _inside,
    ("Heap", "lock"): _lock,
}
"""By field: what hangs on a store to it."""


def _looks(x: Any, state: State, args: list[Value], result: Value) -> None:
    x.put(state, "looker", args[0], ME)
    x.in_hand.append(args[0])


def _passes(x: Any, state: State, args: list[Value], result: Value) -> None:
    _drop(x, state, args[0], "looker")


def _hands_over(x: Any, state: State, args: list[Value], result: Value) -> None:
    """A span that keeps objects is nobody's from here on; one that keeps none is still to be freed, by its sweeper."""
    now = x.now(state)
    s = args[0]
    x.put(state, "owner", s, NOBODY, both(equal(now.span("owner", s), ME), unequal(now.span("alloc_count", s), 0)))


def _quiet(x: Any, state: State, args: list[Value], result: Value) -> None:
    x.put(state, "quiet", NOWHERE, YES)


def _swept(x: Any, state: State, args: list[Value], result: Value) -> None:
    x.put(state, "swept", NOWHERE, YES)


def _shelves(x: Any, state: State, args: list[Value], result: Value) -> None:
    """A stack comes into one of the lists of stacks: that of the pool, or one of the large ones that are kept."""
    if _is_of_stacks(x):
        x.decided()
        spans, s = args
        pool = x.program.schema.records["Heap"].fields["stackpool"].first[0]
        x.demand(x, str(x.place), {"MSpanList_Insert: the stack is in no list": neg(_on_shelf(x, state, s))})
        x.put(state, "shelved", s, YES)
        x.put(state, "keeper", s, num(POOL if spans.constant == pool else KEPT), equal(x.now(state).span("keeper", s), ME))


def _unshelves(x: Any, state: State, args: list[Value], result: Value) -> None:
    """A stack is taken out of a list; a large one is the thread's then, one of the pool is not."""
    if _is_of_stacks(x):
        x.decided()
        s = args[1]
        x.demand(x, str(x.place), {"MSpanList_Remove: the stack is in the list": _on_shelf(x, state, s)})
        x.put(state, "shelved", s, NO)
        x.put(state, "keeper", s, ME, equal(x.now(state).span("keeper", s), KEPT))


def _on_shelf(x: Any, state: State, s: Num) -> Term:
    on_shelf: Term = equal(x.now(state).span("shelved", s), 1)
    return on_shelf


def _is_of_stacks(x: Any) -> bool:
    """Whether the call that has returned is one of the code of stacks."""
    return bool(x.functions[-2].startswith(STACKS))


def _leaves_pool(x: Any, state: State, args: list[Value]) -> None:
    """A span of the pool becomes the thread's, which gives it back."""
    s = args[1]
    x.put(state, "keeper", s, ME, equal(x.now(state).span("keeper", s), POOL))


BEFORE: dict[str, Callable[[Any, State, list[Value]], None]] = {STACKS + "give_back": _leaves_pool}
"""By function: what hangs on its call."""

AFTER: dict[str, Callable[[Any, State, list[Value], Value], None]] = {
    "lists.insert": _shelves,
    "lists.remove": _unshelves,
    "environment.observer.looks_at": _looks,
    "environment.observer.passes": _passes,
    "environment.observer.sweep_ends": _hands_over,
    "environment.world.stop_the_world": _quiet,
    "environment.collector.finish_sweep": _swept,
}
"""By function: what hangs on its return."""
