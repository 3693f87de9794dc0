"""The functions that take part in the sweep, what each requires and what it ensures."""

from __future__ import annotations

from checker.symbolic.cells import MOST_RECORDS
from checker.symbolic.number import Num, Term
from checker.symbolic.stepping import ME
from proofs.heaps import REAL
from proofs.protocol.logic import both, either, equal, implies, neg, unequal
from proofs.protocol.now import KEPT, MOST_SPANS, POOL, Now, same
from proofs.protocol.task import Args, Call, Clauses, Task, nothing_of_span
from spec.types import DEAD, FREE, IN_USE, OFF

SPAN, RECORD = (1, MOST_SPANS), (1, MOST_RECORDS)
WORD, ANY = (0, (1 << REAL["word_bits"]) - 1), (-(1 << 80), 1 << 80)
CLASS, ORDER, REQUEST = (0, 66), (0, 20), (1, WORD[1])
NONE_LEFT = WORD[1]


def _is(n: Now, s: Num, state: int) -> Term:
    return both(n.known(s), equal(n.span("state", s), state))


def _claimed(c: Call) -> Clauses:
    """The caller has just claimed the span."""
    n, s = c.now, c.args["s"]
    return {
        "the span is in use": _is(n, s, IN_USE),
        "the caller has claimed it": both(equal(n.span("owner", s), ME), n.behind(s, 1)),
        "the sweep is due and has not begun": both(n.span("due", s), equal(n.span("sweeper", s), 0)),
    }


def _swept(c: Call) -> Clauses:
    return {"P13 the span is swept": c.now.behind(c.args["s"], 0)}


def _all_swept(c: Call, s: Num) -> Clauses:
    """What is left when the list is worked off and nobody else is inside."""
    n = c.now
    alone = both(equal(c.result, NONE_LEFT), equal(n.heap("world"), ME), n.is_set("quiet"), equal(n.heap("starting"), 0))
    swept = both(equal(n.span("owner", s), 0), implies(_is(n, s, IN_USE), n.behind(s, 0)))
    return {"P13 if no span is left, in a quiet world, all are swept": implies(alone, swept)}


def _held(c: Call) -> Clauses:
    n, s = c.now, c.args["s"]
    return {"the span is in use, or was swept": both(n.known(s), either(n.in_use(s), n.behind(s, 0)))}


def _listed(args: Args, n: Now) -> Clauses:
    s = args["s"]
    return {"the span is in the busy list": implies(unequal(s, 0), _is(n, s, IN_USE))}


def _to_free(c: Call) -> Clauses:
    n, s = c.now, c.args["s"]
    return {
        "the caller has swept the span, and it holds no object": both(
            _is(n, s, IN_USE), n.behind(s, 0), equal(n.span("owner", s), ME), equal(n.span("alloc_count", s), 0)
        )
    }


def _to_free_locked(c: Call) -> Clauses:
    n, s = c.now, c.args["s"]
    mine = either(*(equal(n.span(g, s), ME) for g in ("owner", "born")))
    in_use = both(_is(n, s, IN_USE), n.behind(s, 0), mine, equal(n.span("alloc_count", s), 0))
    stack, settled = equal(n.span("keeper", s), ME), equal(n.span("settled", s), 1)
    return {
        "the span is the caller's: a stack, or swept": either(stack, in_use),
        "P15 no stack goes back during a collection": implies(settled, equal(n.heap("phase"), OFF)),
    }


def _others_stay(c: Call, s: Num) -> Clauses:
    was = c.before.span("state", s)
    other = both(c.before.known(s), unequal(s, c.args["s"]), unequal(was, FREE))
    return {
        "spans that are not free stay what they are": implies(other, equal(c.now.span("state", s), was)),
        **_generations_stay(c, s),
        **_stacks_stay(c, s),
    }


def _generations_stay(c: Call, s: Num) -> Clauses:
    swept = both(c.before.known(s), c.before.behind(s, 0))
    return {"what is swept stays so": implies(swept, both(c.now.known(s), c.now.behind(s, 0)))}


def _free_or_none(c: Call) -> Clauses:
    return {"the span is free": implies(unequal(c.result, 0), _is(c.now, c.result, FREE))}


def _out_of_use(c: Call) -> Clauses:
    return _freed(c.args, c.now)


def _freed(args: Args, n: Now) -> Clauses:
    return {"the span is out of use": either(_is(n, args["s"], FREE), _is(n, args["s"], DEAD))}


def _found(args: Args, n: Now) -> Clauses:
    return {"the span found is free": _is(n, args["s"], FREE)} if "s" in args else {}


def _born(c: Call) -> Clauses:
    n, s = c.now, c.result
    parts = [_is(n, s, IN_USE), n.behind(s, 0), equal(n.span("owner", s), 0), equal(n.span("born", s), 0)]
    return {"P13 the new span has the present generation": implies(unequal(s, 0), both(*parts))}


def _born_stack(c: Call) -> Clauses:
    n, s = c.now, c.result
    return {"the new stack is the caller's": implies(unequal(s, 0), equal(n.span("keeper", s), ME))}


def _to_free_stack(c: Call) -> Clauses:
    return {"the caller has the stack": equal(c.now.span("keeper", c.args["s"]), ME), **_off(c)}


def _off(c: Call) -> Clauses:
    return {"P15 no collection is under way": equal(c.now.heap("phase"), OFF)}


def _stacks_stay(c: Call, s: Num) -> Clauses:
    b, n = c.before, c.now
    keeper = b.span("keeper", s)
    locked = (both(b.holds(lock, ME), equal(keeper, x)) for lock, x in (("pool", POOL), ("large", KEPT)))
    mine = both(unequal(s, c.args["s"]), either(equal(keeper, ME), *locked))
    return {"other stacks stay the caller's": implies(mine, same(b, n, s, "keeper", "settled", "shelved"))}


def _has_stack(found: Args, c: Call, s: Num) -> Clauses:
    mine = equal(c.now.span("keeper", found["s"]), ME)
    return {"the stack is the caller's": implies(unequal(c.result, 0), mine)}


def _has_one_more(found: Args, c: Call, s: Num) -> Clauses:
    got = both(unequal(found["s"], 0), equal(s, found["s"]))
    before, now = c.before.stacks(ME, s), c.now.stacks(ME, s)
    return {
        "the caller has one stack more, of the span": implies(got, equal(now, before + 1)),
        "and no more of others": implies(neg(got), equal(now, before)),
    }


def _on_shelf(args: Args, n: Now) -> Clauses:
    s = args["s"]
    listed = both(equal(n.span("keeper", s), POOL), equal(n.span("shelved", s), 1))
    return {"the span is in the pool's list": implies(unequal(s, 0), listed)}


def _marking(c: Call) -> Clauses:
    return {"the phase is mark or mark termination": unequal(c.now.heap("phase"), OFF)}


def _outside(c: Call) -> Clauses:
    n = c.now
    return {"the thread can be stopped": either(both(unequal(n.heap("world"), ME), equal(n.inside(ME), _no())))}


def _no() -> Term:
    return either()


SWEEP = Task("environment.sweep.sweep", {"s": SPAN, "preserve": None}, _claimed, _swept, hands=("s",))
SWEEPONE = Task("environment.sweep.sweepone", {}, ensures_of_span=_all_swept)
ENSURE = Task("environment.sweep.ensure_swept", {"s": SPAN}, _held, _swept)
RECLAIM_LIST = Task("reclaim.reclaim_list", {"spans": RECORD, "npages": ANY}, locked=True, round=_listed)
RECLAIM = Task("reclaim.reclaim", {"npage": WORD}, locked=True)
FREE_SPAN = Task("free.free_span", {"s": SPAN, "acct": None}, _to_free, _swept, hands=("s",))
FREE_LOCKED = Task(
    "free.free_span_locked",
    {"s": SPAN, "acct_inuse": None, "acct_idle": None, "unusedsince": WORD},
    _to_free_locked,
    _out_of_use,
    ensures_of_span=_others_stay,
    requires_of_span=nothing_of_span,
    hands=("s",),
    locked=True,
    cuts=True,
    round=_freed,
)
GROW = Task("grow.grow", {"npage": WORD}, locked=True)
ALLOC_LOCKED = Task(
    "alloc.alloc_span_locked",
    {"npage": WORD},
    ensures=_free_or_none,
    locked=True,
    cuts=True,
    round=_found,
)
ALLOC_M = Task("alloc.alloc_m", {"npage": WORD, "sizeclass": CLASS, "large": None}, ensures=_born)
ALLOC = Task("alloc.alloc", {"npage": WORD, "sizeclass": CLASS, "large": None, "needzero": None}, ensures=_born)
ALLOC_STACK = Task("alloc.alloc_stack", {"npage": WORD}, ensures=_born_stack)
FREE_STACK = Task("free.free_stack", {"s": SPAN}, _to_free_stack, _off, _stacks_stay)
LARGE_OBJECT = Task("environment.client.alloc_large_object", {"npages": WORD})
SMALL_SPAN = Task("environment.client.alloc_small_span", {"npages": WORD, "sizeclass": CLASS})
MARK = Task("environment.collector.mark", {}, _marking, collector=True)
MARK_ALL = Task("environment.marker.mark_all", {}, _marking, collector=True)
STACK_ALLOC = Task("environment.stacks.stackalloc", {"order": ORDER}, leaves=_has_stack)
STACK_FREE = Task("environment.stacks.stackfree", {"v": WORD})
POOL_ALLOC = Task("environment.stacks.stackpoolalloc", {}, leaves=_has_one_more, shares=True)
POOL_FREE = Task("environment.stacks.stackpoolfree", {"v": WORD}, shares=True)
KEPT_STACKS = Task("environment.stacks.free_stack_spans", {}, _off, collector=True, round=_on_shelf)
COLLECT = Task("environment.collector.gc_start", {"block": None}, _outside, _outside, steady=False, keeps=())
BACKGROUND = Task("environment.sweeper.bgsweep", {}, _outside, _outside, steady=False)
COLLECTOR = Task("environment.collector.collector", {}, _outside, _outside, steady=False)
FORCED = Task("environment.scavenger.forced_collector", {}, _outside, _outside, steady=False)
SCAVENGER = Task("environment.scavenger.scavenger", {}, _outside, _outside, steady=False)
CLOCK = Task("environment.clock.clock", {}, _outside, _outside, steady=False)
READER = Task("environment.reader.reader", {"r": RECORD}, _outside, _outside, steady=False)
MUTATOR = Task("environment.mutator.mutator", {"m": RECORD}, _outside, _outside, steady=False, shares=True)
GIVE_UP = Task("environment.mutator.give_up", {"m": RECORD, "slot": WORD}, shares=True)
ALLOCATE = Task("environment.mutator.allocate", {"request": REQUEST}, shares=True)
PIN = Task("environment.mutator.pin", {"v": WORD})

TASKS = {task.function: task for task in [x for x in globals().values() if isinstance(x, Task)]}
"""All of them, by function."""

CONTRACTS: dict[str, tuple[Task, ...]] = {
    "environment.sweep.sweep": (FREE_SPAN,),
    "environment.sweep.sweepone": (SWEEP,),
    "environment.sweep.ensure_swept": (SWEEP,),
    "reclaim.reclaim_list": (SWEEP,),
    "reclaim.reclaim": (RECLAIM_LIST, SWEEPONE),
    "free.free_span": (FREE_LOCKED,),
    "free.free_span_locked": (),
    "grow.grow": (FREE_LOCKED,),
    "alloc.alloc_span_locked": (FREE_LOCKED, GROW),
    "alloc.alloc_m": (RECLAIM, ALLOC_LOCKED),
    "alloc.alloc": (ALLOC_M,),
    "alloc.alloc_stack": (ALLOC_LOCKED,),
    "free.free_stack": (FREE_LOCKED,),
    "environment.client.alloc_large_object": (ALLOC,),
    "environment.client.alloc_small_span": (ALLOC,),
    "environment.collector.mark": (),
    "environment.marker.mark_all": (),
    "environment.collector.gc_start": (SWEEPONE, MARK, MARK_ALL, KEPT_STACKS),
    "environment.sweeper.bgsweep": (SWEEPONE,),
    "environment.collector.collector": (COLLECT,),
    "environment.scavenger.forced_collector": (COLLECT,),
    "environment.scavenger.scavenger": (),
    "environment.reader.reader": (),
    "environment.clock.clock": (),
    "environment.mutator.mutator": (GIVE_UP, ALLOCATE, PIN),
    "environment.mutator.give_up": (STACK_FREE, POOL_FREE),
    "environment.mutator.allocate": (LARGE_OBJECT, SMALL_SPAN, STACK_ALLOC, POOL_ALLOC),
    "environment.mutator.pin": (ENSURE,),
    "environment.stacks.stackalloc": (ALLOC_STACK,),
    "environment.stacks.stackfree": (FREE_STACK,),
    "environment.stacks.stackpoolalloc": (ALLOC_STACK,),
    "environment.stacks.stackpoolfree": (FREE_STACK,),
    "environment.stacks.free_stack_spans": (FREE_STACK,),
}
"""By function that is executed: the contracts in it."""
