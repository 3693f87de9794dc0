"""What one step of a thread may do (the guarantee), and what a thread may rely on while others run."""

from __future__ import annotations

from checker.symbolic.number import Num, Term, num
from proofs.protocol import stacks
from proofs.protocol.logic import both, either, equal, iff, implies, neg, unequal
from proofs.protocol.now import BITS, LOCKS, Now, is_behind, same
from spec.types import OFF, STACK

Clauses = dict[str, Term]

PROTECTED = ("state", "sweepgen", "due", "sweeper", *BITS)
"""What belongs to the sweeper of a span alone."""

COLLECTORS = ("stopped", "starting", "quiet", "swept", "phase", "listed")
"""What only the collector changes."""


def _kept(a: Now, b: Now, *names: str) -> Term:
    return both(*(equal(a.heap(n), b.heap(n)) for n in names))


def _changed(a: Now, b: Now, *names: str) -> Term:
    return neg(_kept(a, b, *names))


def _mine_or_free(before: Num, after: Num, me: Num) -> Term:
    """A lock is taken when it is free, and given back by its holder."""
    free, mine = num(0), me
    taken = both(equal(before, free), equal(after, mine))
    return either(equal(before, after), taken, both(equal(before, mine), equal(after, free)))


def of_heap(b: Now, n: Now, me: Num, s: Num, thread: Num) -> Clauses:
    """What a step may do to the heap as a whole; ``s`` and ``thread`` may be any."""
    collector, locked, steady = equal(b.heap("world"), me), equal(b.heap("lock"), me), b.steady(me)
    starts = _changed(b, n, "sg")
    allowed = [
        is_behind(b.heap("sg"), n.heap("sg"), 2),
        collector,
        locked,
        b.is_set("quiet"),
        b.is_set("swept"),
        n.is_set("starting"),
        same(b, n, s, *PROTECTED, "owner", "born", "looker", "known"),
    ]
    index, following = b.heap("index"), n.heap("index")
    entered = both(n.inside(thread), neg(b.inside(thread)))
    left = both(b.inside(thread), neg(n.inside(thread)))
    moves = either(
        equal(following, index),
        both(steady, equal(following, index + 1)),
        both(collector, b.is_set("starting"), equal(following, 0)),
    )
    return {
        "a cycle starts by two, in a quiet world, with every span swept": implies(starts, both(*allowed)),
        "locks are taken when free": both(*(_mine_or_free(b.heap(x), n.heap(x), me) for x in LOCKS)),
        "only the collector stops the world and turns the phase": implies(
            _changed(b, n, *COLLECTORS), either(collector, both(equal(b.heap("world"), 0), equal(n.heap("world"), me)))
        ),
        "P15 a collection begins in a quiet world": implies(
            both(equal(b.heap("phase"), OFF), unequal(n.heap("phase"), OFF)), b.is_set("quiet")
        ),
        "structs are only added, under the lock": both(
            b.heap("nspan") <= n.heap("nspan"), implies(_changed(b, n, "nspan"), both(locked, steady))
        ),
        "the list is worked off in order": moves,
        "each thread enters and leaves by itself, and not into a stopped world": both(
            implies(either(entered, left), equal(thread, me)),
            implies(entered, neg(b.heap("stopped"))),
        ),
    }


def of_span(b: Now, n: Now, me: Num, s: Num, thread: Num) -> Clauses:
    """What a step may do to one span; ``thread`` may be any."""
    collector, locked, steady = equal(b.heap("world"), me), equal(b.heap("lock"), me), b.steady(me)
    same_cycle = _kept(b, n, "sg")
    in_use, in_use_after = b.in_use(s), n.in_use(s)
    owner, born, looker = (b.span(f, s) for f in ("owner", "born", "looker"))
    mine, bearing = equal(owner, me), equal(born, me)
    two, one, none = (b.behind(s, k) for k in (2, 1, 0))
    one_after, none_after = n.behind(s, 1), n.behind(s, 0)
    taken = both(equal(owner, 0), equal(n.span("owner", s), me), in_use, two, one_after)
    given = both(mine, equal(n.span("owner", s), 0), none_after)

    def moved(*fields: str) -> Term:
        return neg(same(b, n, s, *fields))

    def kept_or_mine(field: str) -> Term:
        before, after = b.span(field, s), n.span(field, s)
        return either(equal(before, after), *(both(equal(before, x), equal(after, y)) for x, y in ((0, me), (me, 0))))

    untouched = same(b, n, s, *PROTECTED, "owner", "born")
    others = either(both(unequal(owner, 0), unequal(owner, me)), both(unequal(born, 0), unequal(born, me)))
    writable = [
        both(mine, one),
        both(in_use, none, equal(owner, 0), either(equal(born, 0), bearing)),
        both(locked, neg(in_use), unequal(b.span("state", s), STACK)),
        stacks.writable(b, me, s),
    ]
    advanced = [
        both(none_after, either(neg(in_use), both(mine, one))),
        both(in_use, two, one_after, equal(owner, 0), equal(n.span("owner", s), me)),
    ]
    clauses = {
        "P14 a span that another thread sweeps is left alone": implies(others, untouched),
        "states change under the lock": implies(moved("state"), both(locked, steady, same_cycle)),
        "P13 only a swept span goes out of use, by its owner": implies(
            both(in_use, neg(in_use_after)), both(none, none_after, either(mine, bearing))
        ),
        "B14 a span comes into use with the present generation": implies(
            both(neg(in_use), in_use_after), both(none, none_after, equal(n.span("born", s), me))
        ),
        "B29 generations move forward, by the claim, the hand-over, or to the present": implies(
            moved("sweepgen"), both(steady, same_cycle, either(*advanced))
        ),
        "P13 a claim is a step from two behind to one, and ends with the sweep": implies(
            moved("owner"), both(steady, either(taken, given))
        ),
        "P14 bits are written by the sweeper, or on a swept span that nobody frees": implies(
            moved(*BITS), both(same_cycle, either(*writable))
        ),
        "P13 a span is due from the cycle's start to its sweep": implies(
            moved("due"),
            either(both(mine, one, neg(n.span("due", s))), both(collector, b.is_set("starting"))),
        ),
        "P14 the sweeper is the owner": implies(moved("sweeper"), both(mine, kept_or_mine("sweeper"))),
        "each thread looks for itself": both(kept_or_mine("looker"), implies(moved("looker"), steady)),
        "each thread bears for itself, what comes into use": both(
            kept_or_mine("born"), implies(both(moved("born"), equal(born, 0)), both(neg(in_use), in_use_after))
        ),
    }
    known = implies(moved("known"), both(locked, steady, n.known(s)))
    return {name: implies(b.known(s), c) for name, c in clauses.items()} | {
        **stacks.of_step(b, n, me, s, thread),
        "a struct is initialised once, under the lock": known,
        "a struct is initialised under the lock": implies(both(neg(b.known(s)), moved(*PROTECTED)), locked),
        "a struct comes without history": implies(
            neg(b.known(s)), both(*(equal(n.span(f, s), 0) for f in ("owner", "born", "looker", "sweeper")))
        ),
        "nobody has a struct before it is initialised": implies(neg(n.known(s)), both(equal(looker, 0), equal(owner, 0))),
    }


def relied_on_heap(b: Now, n: Now, me: Num) -> Clauses:
    """What others leave alone in the heap as a whole, between two points of the thread."""
    collector, locked = equal(b.heap("world"), me), equal(b.heap("lock"), me)
    return {
        "my locks stay mine": both(*(iff(b.holds(x, me), n.holds(x, me)) for x in LOCKS)),
        "I am where I was": iff(b.inside(me), n.inside(me)),
        "P15 no collection begins while I am inside": implies(
            both(b.inside(me), equal(b.heap("phase"), OFF)), equal(n.heap("phase"), OFF)
        ),
        "the collector's own": implies(collector, _kept(b, n, *COLLECTORS)),
        "the generation stays": implies(either(b.steady(me), locked), _kept(b, n, "sg")),
        "no structs are added": implies(locked, _kept(b, n, "nspan")),
        "nobody sweeps or allocates in a quiet world": implies(
            both(collector, b.is_set("quiet")), _kept(b, n, "index", "nspan")
        ),
    }


def relied_on_span(b: Now, n: Now, me: Num, s: Num) -> Clauses:
    """What others leave alone in one span."""
    locked = equal(b.heap("lock"), me)
    quiet = both(equal(b.heap("world"), me), b.is_set("quiet"))
    two, none = b.behind(s, 2), b.behind(s, 0)
    one_after, none_after = n.behind(s, 1), n.behind(s, 0)
    gen, after = b.span("sweepgen", s), n.span("sweepgen", s)
    in_use, in_use_after = b.in_use(s), n.in_use(s)
    owner, born = b.span("owner", s), b.span("born", s)
    usable = both(in_use, none, equal(owner, 0), either(equal(born, 0), equal(born, me)))
    usable_after = [in_use_after, none_after, equal(n.span("owner", s), 0), equal(n.span("born", s), born)]
    cycle = {
        "generations move forward": either(equal(after, gen), none_after, both(two, one_after)),
        "what is in use or swept stays so": implies(either(in_use, none), either(in_use_after, none_after)),
        "what is out of use or swept stays so": implies(either(neg(in_use), none), either(neg(in_use_after), none_after)),
        "a swept span in use stays one": implies(usable, both(*usable_after)),
    }
    mine = [iff(equal(b.span(f, s), me), equal(n.span(f, s), me)) for f in ("owner", "born", "looker", "sweeper")]
    known = b.known(s)
    return {
        "mine stays mine": both(*mine),
        "structs stay initialised": both(implies(known, n.known(s)), implies(locked, iff(known, n.known(s)))),
        "my span is left alone": implies(either(equal(owner, me), equal(born, me)), same(b, n, s, *PROTECTED)),
        "my lock protects states": implies(both(known, locked), same(b, n, s, "state")),
        "my lock protects what is not initialised": implies(both(neg(known), locked), same(b, n, s, *PROTECTED)),
        "my lock protects what is out of use": implies(
            both(known, locked, neg(in_use), unequal(b.span("state", s), STACK)), same(b, n, s, *BITS)
        ),
        "nobody touches spans in a quiet world": implies(
            both(known, quiet), same(b, n, s, "state", "sweepgen", "owner", "due", "sweeper", "known", "looker")
        ),
        **{name: implies(both(known, either(b.steady(me), locked)), c) for name, c in cycle.items()},
        **stacks.relied_on(b, n, me, s),
    }
