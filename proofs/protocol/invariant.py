"""What holds between any two steps, clause by clause: of the heap, of each thread, of each span."""

from __future__ import annotations

from checker.symbolic.number import Num, Term
from proofs.protocol import stacks
from proofs.protocol.logic import both, either, equal, implies, neg, unequal
from proofs.protocol.now import Now
from spec.types import OFF

Clauses = dict[str, Term]


def of_heap(n: Now) -> Clauses:
    """What holds of the heap as a whole."""
    stopped, starting, quiet, swept = n.heap("stopped"), n.is_set("starting"), n.is_set("quiet"), n.is_set("swept")
    return {
        "P13 P14 no breach of the protocol was seen": equal(n.heap("breach"), 0),
        "the collector's copy holds structs": n.heap("listed") <= n.heap("nspan"),
        "a cycle starts in a quiet world": implies(starting, both(quiet, equal(n.heap("lock"), n.heap("world")), neg(swept))),
        "a quiet world is stopped by the collector": implies(quiet, both(stopped, unequal(n.heap("world"), 0))),
        "P13 while marking, all is swept": either(equal(n.heap("phase"), OFF), swept),
    }


def of_thread(n: Now, thread: Num) -> Clauses:
    """What holds of one thread."""
    apart = both(n.is_set("quiet"), n.inside(thread))
    return {"nobody else is inside in a quiet world": implies(apart, equal(thread, n.heap("world")))}


def of_span(n: Now, s: Num) -> Clauses:
    """What holds of one span."""
    in_use, known, due = n.in_use(s), n.known(s), n.span("due", s)
    owner, born, looker, sweeper = (n.span(f, s) for f in ("owner", "born", "looker", "sweeper"))
    two, one, none = (n.behind(s, k) for k in (2, 1, 0))
    starting = n.is_set("starting")
    unclaimed = both(equal(owner, 0), equal(sweeper, 0))
    begun = both(equal(sweeper, owner), neg(due))
    waiting = both(s <= n.heap("listed"), either(s - 1 >= n.heap("index"), unequal(looker, 0)))
    used = both(known, in_use)
    idle = both(unclaimed, neg(due), equal(born, 0))
    return {
        "structs are counted": implies(known, both(s >= 1, s <= n.heap("nspan"))),
        "with the lock free, structs are initialised": implies(
            both(equal(n.heap("lock"), 0), s >= 1, s <= n.heap("nspan")), known
        ),
        "structs of the collector's copy are initialised": implies(both(s >= 1, s <= n.heap("listed")), known),
        "a struct that is not initialised is nobody's": implies(neg(known), both(idle, equal(looker, 0))),
        "P13 one of three generations": implies(used, either(two, one, none)),
        "P13 an unswept span is due and nobody's": implies(both(used, two), both(unclaimed, either(due, starting))),
        "P13 P14 a span being swept has one owner, and is due until the sweep begins": implies(
            both(used, one),
            both(unequal(owner, 0), either(begun, both(equal(sweeper, 0), due))),
        ),
        "P13 a swept span is not due": implies(both(used, none), both(equal(sweeper, 0), neg(due))),
        "a span out of use is nobody's and not due": implies(neg(in_use), idle),
        "B14 a span is born swept, and nobody's": implies(
            unequal(born, 0), both(used, none, equal(owner, 0), equal(n.heap("lock"), born))
        ),
        "owners are steady": implies(unequal(owner, 0), n.steady(owner)),
        "lookers are steady, and the span is passed": implies(
            unequal(looker, 0), both(n.steady(looker), either(s <= n.heap("index"), starting))
        ),
        "an unswept span is still to come, or in hand": implies(both(used, two, neg(starting)), waiting),
        "while a cycle starts, all is unswept": implies(both(used, starting), two),
        "swept means swept": implies(n.is_set("swept"), both(equal(owner, 0), implies(used, none))),
        **stacks.of_span(n, s),
    }
