"""What a function of the spec requires of the moment when it is called, and ensures of the one when it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term
from checker.symbolic.stepping import ME
from proofs.protocol.interference import COLLECTORS
from proofs.protocol.logic import both, either, equal, iff, implies, neg, unequal
from proofs.protocol.now import LOCKS, Now
from spec.types import OFF

Args = Mapping[str, Value]
Clauses = dict[str, Term]

KEEPS = ("sg", *COLLECTORS)
"""What most functions leave as it is, of what only the collector changes."""

HANDS = ("owner", "born", "looker")
"""The ghosts that say which spans a thread has in hand."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call, or its return.

    Attributes
    ----------
    args : mapping
    before, now : Now
        At the call, and now; the same at the call.
    result : value
    """

    args: Args
    before: Now
    now: Now
    result: Value = None


def nothing(call: Call) -> Clauses:
    """No clauses."""
    return {}


def nothing_of_span(call: Call, s: Num) -> Clauses:
    """No clauses."""
    return {}


def _hidden(n: Now, s: Num) -> Term:
    """The thread has made the span a stack that nobody may see yet."""
    return both(equal(n.span("keeper", s), ME), equal(n.span("settled", s), 0))


def none_hidden(call: Call, s: Num) -> Clauses:
    """That no span is a stack for a moment only."""
    return {"stacks are settled at the call": neg(_hidden(call.now, s))}


def nothing_of_state(args: Args, now: Now) -> Clauses:
    """No clauses."""
    return {}


def nothing_of_locals(found: Args, call: Call, s: Num) -> Clauses:
    """No clauses."""
    return {}


@dataclass(frozen=True, slots=True)
class Task:
    """A function that a thread runs among others.

    Attributes
    ----------
    function : str
    arguments : mapping
        Each argument but the heap with its range; None stands for a truth value.
    requires, ensures : callable
        Clauses about the call and about its return.
    requires_of_span, ensures_of_span : callable
        Clauses at the call and at the return about any span.
    hands : tuple of str
        The arguments that the thread may have in hand at the call; at the return it has nothing in hand.
    locked : bool
        The heap's lock is held at the call and at the return; else it is not.
    collector : bool
        The thread is the collector.
    keeps : tuple of str
        What it leaves as it is, of what only the collector changes.
    steady : bool
        The generation cannot change under the thread.
    cuts : bool
        Run branches that store like loops, of which only `ensures_of_span` and `round` say what they leave.
    round : callable
        What holds at the beginning of each round of the function's loops, from its locals and the state.
    shares : bool
        It takes stacks of the pool, or gives some back.
    leaves : callable
        Clauses at the return about the function's locals and any span, which a caller cannot see.
    """

    function: str
    arguments: Mapping[str, tuple[int, int] | None]
    requires: Callable[[Call], Clauses] = nothing
    ensures: Callable[[Call], Clauses] = nothing
    ensures_of_span: Callable[[Call, Num], Clauses] = nothing_of_span
    requires_of_span: Callable[[Call, Num], Clauses] = none_hidden
    hands: tuple[str, ...] = ()
    locked: bool = False
    collector: bool = False
    keeps: tuple[str, ...] = KEEPS
    steady: bool = True
    cuts: bool = False
    round: Callable[[Args, Now], Clauses] = nothing_of_state
    shares: bool = False
    leaves: Callable[[Args, Call, Num], Clauses] = nothing_of_locals

    def inside(self, args: Args) -> Clauses:
        """That the arguments are what the function was executed for."""
        ranges = {name: ends for name, ends in self.arguments.items() if ends is not None}
        return {f"{name} is in range": both(args[name] >= lo, args[name] <= hi) for name, (lo, hi) in ranges.items()}

    def before(self, call: Call, s: Num) -> Clauses:
        """All that must hold at the call; ``s`` is any span."""
        held = [call.args[name] for name in self.hands]
        return {
            **{f"{name} is looked at no more": unequal(call.now.span("looker", call.args[name]), ME) for name in self.hands},
            **self._place(call.now, s),
            **in_hand(call.now, s, held, "at the call"),
            **self.requires(call),
            **self.requires_of_span(call, s),
        }

    def after(self, call: Call, s: Num) -> Clauses:
        """All that must hold at the return."""
        return {
            **self._place(call.now, s),
            **in_hand(call.now, s, [], "at the return"),
            **frame(call.before, call.now, self.keeps),
            **self.stays(call.before, call.now, s),
            **self.ensures(call),
            **self.ensures_of_span(call, s),
        }

    def stays(self, b: Now, n: Now, s: Num) -> Clauses:
        """That no struct is forgotten, no span left as a stack that nobody may see yet, and no stack of the pool taken."""
        counts = {"the thread has as many stacks of the pool as before": equal(b.stacks(ME, s), n.stacks(ME, s))}
        return {
            "structs stay initialised": implies(b.known(s), n.known(s)),
            "stacks are settled": implies(_hidden(n, s), _hidden(b, s)),
            **({} if self.shares else counts),
        }

    def ensures_between(self, args: Args, before: Now, now: Now, s: Num) -> Clauses:
        """What a branch that is run like a loop leaves as it is."""
        return self.ensures_of_span(Call(args, before, now), s) if self.cuts else {}

    def _place(self, n: Now, s: Num) -> Clauses:
        locked, collector = equal(n.heap("lock"), ME), equal(n.heap("world"), ME)
        clauses = {"the heap's lock": iff(locked, _truth(self.locked)), **complete(n, s)}
        if self.collector:
            clauses["the thread is the collector"] = collector
        if self.steady:
            clauses["the thread is inside, or the collector"] = n.steady(ME)
            clauses["no cycle is starting"] = equal(n.heap("starting"), 0)
        return clauses


def in_hand(n: Now, s: Num, held: Sequence[Num], when: str) -> Clauses:
    """That the thread has no other span in hand than these."""
    mine = either(*(equal(n.span(g, s), ME) for g in (*HANDS, "sweeper")))
    return {f"nothing else in hand {when}": implies(mine, either(*(equal(s, x) for x in held)))}


def complete(n: Now, s: Num) -> Clauses:
    """That no struct is half initialised, where the thread holds the heap's lock."""
    counted = both(equal(n.heap("lock"), ME), s >= 1, s <= n.heap("nspan"))
    return {"structs are initialised": implies(counted, n.known(s))}


def frame(b: Now, n: Now, keeps: Sequence[str]) -> Clauses:
    """What the thread itself and all others leave as it is, over many steps."""
    collector = equal(b.heap("world"), ME)
    mine = [iff(b.holds(x, ME), n.holds(x, ME)) for x in LOCKS]
    generation = [equal(b.heap("sg"), n.heap("sg"))] if "sg" in keeps else []
    others = [equal(b.heap(x), n.heap(x)) for x in keeps if x != "sg"]
    quiet = both(collector, b.is_set("quiet"), *generation)
    return {
        "locks and place are those of before": both(*mine, iff(b.inside(ME), n.inside(ME))),
        "the generation is that of before": implies(b.steady(ME), both(*generation)),
        "no collection begins meanwhile": implies(both(b.inside(ME), equal(b.heap("phase"), OFF)), equal(n.heap("phase"), OFF)),
        "the collector's own is as before": implies(collector, both(*others)),
        "the list is not begun again": implies(quiet, b.heap("index") <= n.heap("index")),
    }


def _truth(value: bool) -> Term:
    return both() if value else either()
