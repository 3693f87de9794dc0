"""What a function of the spec requires of the moment when it is called, and ensures of the one when it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checker.symbolic.memory import Value
from checker.symbolic.number import Num, Term
from checker.symbolic.stepping import ME
from proofs.protocol.interference import COLLECTORS
from proofs.protocol.logic import both, either, equal, iff, implies, unequal
from proofs.protocol.now import Now

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


def nothing_of_state(args: Args, now: Now) -> Clauses:
    """No clauses."""
    return {}


def nothing_of_states(args: Args, before: Now, now: Now) -> Clauses:
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
    ensures_of_span : callable
        Clauses at the return about any span.
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
    supposed : callable
        What others leave alone of the arguments, taken for granted: from the arguments and two states between which they ran.
    """

    function: str
    arguments: Mapping[str, tuple[int, int] | None]
    requires: Callable[[Call], Clauses] = nothing
    ensures: Callable[[Call], Clauses] = nothing
    ensures_of_span: Callable[[Call, Num], Clauses] = nothing_of_span
    hands: tuple[str, ...] = ()
    locked: bool = False
    collector: bool = False
    keeps: tuple[str, ...] = KEEPS
    steady: bool = True
    cuts: bool = False
    round: Callable[[Args, Now], Clauses] = nothing_of_state
    supposed: Callable[[Args, Now, Now], Clauses] = nothing_of_states

    def before(self, call: Call, s: Num) -> Clauses:
        """All that must hold at the call; ``s`` is any span."""
        held = [call.args[name] for name in self.hands]
        return {
            **{f"{name} is looked at no more": unequal(call.now.span("looker", call.args[name]), ME) for name in self.hands},
            **self._place(call.now, s),
            **in_hand(call.now, s, held, "at the call"),
            **self.requires(call),
        }

    def after(self, call: Call, s: Num) -> Clauses:
        """All that must hold at the return."""
        return {
            **self._place(call.now, s),
            **in_hand(call.now, s, [], "at the return"),
            **frame(call.before, call.now, self.keeps),
            **stay_initialised(call.before, call.now, s),
            **self.ensures(call),
            **self.ensures_of_span(call, s),
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


def stay_initialised(b: Now, n: Now, s: Num) -> Clauses:
    """That no struct is forgotten."""
    return {"structs stay initialised": implies(b.known(s), n.known(s))}


def frame(b: Now, n: Now, keeps: Sequence[str]) -> Clauses:
    """What the thread itself and all others leave as it is, over many steps."""
    collector = equal(b.heap("world"), ME)
    mine = [iff(equal(b.heap(x), ME), equal(n.heap(x), ME)) for x in ("lock", "world")]
    generation = [equal(b.heap("sg"), n.heap("sg"))] if "sg" in keeps else []
    others = [equal(b.heap(x), n.heap(x)) for x in keeps if x != "sg"]
    quiet = both(collector, b.is_set("quiet"), *generation)
    return {
        "locks and place are those of before": both(*mine, iff(b.inside(ME), n.inside(ME))),
        "the generation is that of before": implies(b.steady(ME), both(*generation)),
        "the collector's own is as before": implies(collector, both(*others)),
        "the list is not begun again": implies(quiet, b.heap("index") <= n.heap("index")),
    }


def _truth(value: bool) -> Term:
    return both() if value else either()
