"""Who has the span of a stack: what holds of it, what a step may do to it, and what its holder relies on."""

from __future__ import annotations

from checker.symbolic.number import Num, Term
from proofs.heaps import REAL
from proofs.protocol.logic import both, either, equal, iff, implies, neg, unequal
from proofs.protocol.now import BITS, KEPT, POOL, Now, same
from spec.types import OFF, STACK

Clauses = dict[str, Term]

HOLDERS = ("state", "keeper", "settled", "shelved", "stackfreelist", "users", *BITS)
"""What belongs to the one that has the span."""


def of_span(n: Now, s: Num) -> Clauses:
    """What holds of one span."""
    keeper, shelved, users = (n.span(f, s) for f in ("keeper", "shelved", "users"))
    stack = both(n.known(s), equal(n.span("state", s), STACK))
    free, used = n.span("stackfreelist", s), n.span("alloc_count", s)
    settled = equal(n.span("settled", s), 1)
    pooled, kept, on_shelf = equal(keeper, POOL), equal(keeper, KEPT), equal(shelved, 1)
    counted = [equal(used, users), equal(free + used, REAL["pool_stacks"]), iff(on_shelf, unequal(free, 0))]
    return {
        "a stack is somebody's, and nothing else is": iff(stack, unequal(keeper, 0)),
        "a stack is settled when the heap's lock is released": both(
            implies(settled, stack), either(equal(keeper, 0), settled, equal(n.heap("lock"), keeper))
        ),
        "the pool counts its stacks, and lists the spans that have some left": implies(pooled, both(*counted)),
        "only spans of the pool are shared": implies(neg(pooled), both(equal(users, 0), equal(free, 0))),
        "the lists of stacks hold what no thread has": both(implies(kept, on_shelf), implies(on_shelf, either(pooled, kept))),
        "what is out of use, and not the pool's, has no objects": implies(
            both(n.known(s), neg(n.in_use(s)), neg(pooled)), equal(used, 0)
        ),
    }


def of_sum(n: Now, s: Num, thread: Num) -> Term:
    """What a thread has of a sum over all threads is at most the sum."""
    return n.stacks(thread, s) <= n.span("users", s)


def of_step(b: Now, n: Now, me: Num, s: Num, thread: Num) -> Clauses:
    """What a step may do to one span; ``thread`` may be any."""
    pool, large = (_can_hold(b, lock, me) for lock in ("pool", "large"))
    before, after = b.span("keeper", s), n.span("keeper", s)

    def goes(source: Num | int, target: Num | int) -> Term:
        return both(equal(before, source), equal(after, target))

    def moved(*fields: str) -> Term:
        return neg(same(b, n, s, *fields))

    unused = equal(n.span("users", s), 0)
    handed = either(
        goes(0, me),
        goes(me, 0),
        both(pool, either(goes(me, POOL), both(goes(POOL, me), unused))),
        both(large, either(goes(me, KEPT), goes(KEPT, me))),
    )
    of_pool, of_large = (both(lock, either(equal(before, x), equal(after, x))) for lock, x in ((pool, POOL), (large, KEPT)))
    stack = both(b.known(s), equal(b.span("state", s), STACK))
    count = n.stacks(me, s) - b.stacks(me, s)
    return {
        "the span of a stack goes back by the thread that has it": implies(both(stack, moved("state")), goes(me, 0)),
        "P15 no stack goes back during a collection": implies(
            both(equal(b.span("settled", s), 1), neg(equal(n.span("settled", s), 1))),
            both(moved("state"), equal(b.heap("phase"), OFF)),
        ),
        "each thread settles its own stacks": implies(moved("settled"), either(equal(before, me), equal(after, me))),
        "stacks change hands under the lock of their list, and leave the pool when unused": implies(moved("keeper"), handed),
        "lists of stacks change under their lock": implies(moved("shelved"), either(of_pool, of_large)),
        "the pool's spans change under its lock": implies(moved("stackfreelist", "users"), of_pool),
        "the sum changes by what this thread's part does": equal(n.span("users", s) - b.span("users", s), count),
        "each thread has its own stacks": implies(
            unequal(b.stacks(thread, s), n.stacks(thread, s)), both(equal(thread, me), pool)
        ),
    }


def _can_hold(b: Now, lock: str, me: Num) -> Term:
    """The lock is the thread's, or free to be taken in this step."""
    return either(b.holds(lock, me), equal(b.heap(lock), 0))


def writable(b: Now, me: Num, s: Num) -> Term:
    """The thread may write to the bits of the span of a stack."""
    keeper = b.span("keeper", s)
    return either(equal(keeper, me), both(equal(keeper, POOL), _can_hold(b, "pool", me)))


def relied_on(b: Now, n: Now, me: Num, s: Num) -> Clauses:
    """What others leave alone in one span."""
    before, after = b.span("keeper", s), n.span("keeper", s)
    whole = same(b, n, s, *HOLDERS)

    def protected(lock: str, keeper: int) -> Term:
        own = equal(before, keeper)
        return implies(b.holds(lock, me), both(iff(own, equal(after, keeper)), implies(own, whole)))

    mine = equal(before, me)
    return {
        "P15 a stack stays one while I mark": implies(
            both(equal(b.heap("world"), me), unequal(b.heap("phase"), OFF), equal(b.span("settled", s), 1)),
            equal(n.span("settled", s), 1),
        ),
        "my stack is left alone": both(iff(mine, equal(after, me)), implies(mine, whole)),
        "my lock protects the pool": protected("pool", POOL),
        "my lock protects the stacks that are kept": protected("large", KEPT),
        "the stacks that I have of the pool stay": both(
            equal(b.stacks(me, s), n.stacks(me, s)), implies(b.stacks(me, s) >= 1, equal(after, POOL))
        ),
    }
