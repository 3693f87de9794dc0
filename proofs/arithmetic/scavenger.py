"""What the scavenger must do with one free span, for every span and every physical page size.

The right code and the wrong fixes of issue 16644 are held against the same conditions; nothing here repeats
the code's guard: ``first`` and ``last``, the ends of the whole physical pages inside the span, are first proved to be
the multiples of the physical page size that bracket the span's ends, and the rest builds on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, low_bits, negation, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import complete, returning
from proofs.arithmetic.plain_scavenger import replay
from proofs.heaps import program, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit
from spec.language.schema import Schema

SYS_UNUSED = "environment.os.sys_unused"
PAGE_SHIFT = 13
ASSUMES = (
    "sys_unused is not executed: a claim speaks of the range that it is given",
    "the heap holds 8192-byte pages and 64-bit words; the physical page size is any power of two that a word holds",
)
SMALLEST = ("npages", "phys_page_size", "npreleased", "base", "limit", "unusedsince", "now", "heap_released")

TOP = "if physical pages are large, the span ends below 2^64 and its first address, rounded up, is a machine word"
COUNTED = "the span counts no more as released than its whole physical pages"
FITS = "what is newly released fits the statistics"


class Case:
    """One span before the scavenger comes to it, and what is there to release."""

    def __init__(self, schema: Schema) -> None:
        self.memory = memory = Memory(schema)
        self.s = word(z3.BitVec("s", 63))
        self.phys, self.now, self.limit = unsigned("phys_page_size", 64), unsigned("now", 64), unsigned("limit", 64)
        self.before = View(memory)
        self.span, self.stats = self.before.record("Span", self.s), self.before.root.memstats
        self.start: Num = self.span.start_addr
        self.end: Num = self.start + (self.span.npages << PAGE_SHIFT)
        self.first = memory.named("first", (self.start + self.phys - 1) & ~(self.phys - 1))
        self.last = memory.named("last", self.end & ~(self.phys - 1))
        self.physical = self.phys > 1 << PAGE_SHIFT
        self.lo, self.hi = choice(self.physical, self.first, self.start), choice(self.physical, self.last, self.end)
        self.whole = choice(self.lo <= self.hi, self.hi - self.lo, num(0))
        self.counted: Num = self.span.npreleased << PAGE_SHIFT
        self.new = self.whole - self.counted
        self.old = low_bits(self.now - self.span.unusedsince, 64) > self.limit
        self.due = conjunction([self.old, self.new > 0])

    def premises(self) -> dict[str, Term]:
        """What is true of the span."""
        top = conjunction([self.end < 1 << 64, self.start + self.phys <= 1 << 64])
        return {
            "s is a span": self.s >= 1,
            "the physical page size is a power of two": conjunction([self.phys >= 1, (self.phys & (self.phys - 1)) == 0]),
            "the span is page aligned": (self.start & ((1 << PAGE_SHIFT) - 1)) == 0,
            "the span has pages, and their bytes are a machine word": conjunction(
                [self.span.npages >= 1, self.span.npages < 1 << 64 - PAGE_SHIFT]
            ),
            "the span ends within the address space": self.end <= 1 << 64,
            TOP: z3.Implies(self.physical, top),
            COUNTED: self.counted <= self.whole,
            FITS: self.stats.heap_released + self.new < 1 << 64,
        }

    def situations(self) -> dict[str, Term]:
        """What the premises must leave possible."""
        return {
            "physical pages of one heap page, released": conjunction([self.due, self.phys == 1 << PAGE_SHIFT]),
            "large physical pages, some released before": conjunction([self.due, self.physical, self.span.npreleased >= 1]),
            "an old span without whole physical pages": conjunction([self.old, self.last < self.first]),
        }

    def small(self) -> dict[str, Term]:
        """For a claim to be refuted: where its smallest counterexample is quickly found."""
        small = [self.span.npages <= 64, self.phys <= 1 << 16, self.start <= 1 << 20, self.now <= 8, self.limit <= 8]
        return {"the counterexample is sought among small spans and times": conjunction(small)}


Conditions = Callable[[State, Case], list[Condition]]
"""What must hold on one path; it calls the operating system at most once."""


def scavenger(
    edits: tuple[Edit, ...] = (),
    *,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    given: Callable[[Case], dict[str, Term]] | None = None,
    lemmas: Callable[[Case], list[Condition]] | None = None,
    conditions: Conditions | None = None,
    replayed: Callable[[Mapping[str, int]], Replay] | None = None,
) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    edits : tuple of Edit
        Of a variant.
    only : tuple of str
        The conditions to keep; all by default.
    without : tuple of str
        Premises to leave out.
    given : callable, optional
        Premises to add.
    lemmas : callable, optional
        Conditions that speak of no path, proved before those that do.
    conditions : callable, optional
        Those of a path; `rounding` by default.
    replayed : callable, optional
        How a counterexample is run; with the edits and without, by default.
    """
    made = program(edits)
    case = Case(made.schema)
    premises = {k: v for k, v in case.premises().items() if k not in without} | (given(case) if given is not None else {})
    result = run(
        made,
        typed(made, "scavenge.scavenge_span"),
        {"h": num(1), "s": case.s, "now": case.now, "limit": case.limit},
        variables={"phys_page_size": case.phys},
        memory=case.memory,
        premises=list(premises.values()),
        summaries={SYS_UNUSED: returning(None)},
    )
    demanded = [
        Condition("first", z3.BoolVal(True), bracket(case.first, case.phys, case.start, case.first), lemma=True),
        Condition("last", z3.BoolVal(True), bracket(case.last, case.phys, case.last, case.end), lemma=True),
        *(Condition(f"no {t.kind}: {t.message}", z3.BoolVal(True), negation(t.condition)) for t in result.troubles),
        *(lemmas(case) if lemmas is not None else ()),
        complete(result.paths, result.troubles),
    ]
    for path in result.paths:
        demanded += (conditions or rounding)(path, case)
    return Problem(
        premises=premises,
        conditions=[c for c in demanded if not only or c.name in only],
        possible=case.situations(),
        memory=case.memory,
        inputs={
            "npages": case.span.npages,
            "phys_page_size": case.phys,
            "npreleased": case.span.npreleased,
            "base": case.start,
            "now": case.now,
            "limit": case.limit,
            "unusedsince": case.span.unusedsince,
            "heap_released": case.stats.heap_released,
        },
        smallest=SMALLEST,
        replay=replayed or partial(replay, edits),
    )


def bracket(multiple: Num, unit: Num, low: Num, high: Num) -> Term:
    """``multiple`` is one of ``unit``, a power of two; ``low <= high < low + unit``."""
    return conjunction([(multiple & (unit - 1)) == 0, low <= high, high < low + unit])


def rounding(path: State, case: Case) -> list[Condition]:
    """Exactly the whole physical pages of a span that is due, and the books say so."""
    when, after, new = path.condition(), View(case.memory, path.writes), case.new
    then = after.record("Span", case.s)
    other = word(z3.BitVec("other", 63))
    grown = after.root.memstats.heap_released - case.stats.heap_released
    alike = after.record("Span", other).npreleased == case.before.record("Span", other).npreleased
    out = of_the_range(path, case) | {
        "released only what is due": case.due if path.effects else z3.BoolVal(True),
        "released all that is due": z3.BoolVal(True) if path.effects else negation(case.due),
        "result": path.result == choice(case.due, new, num(0)),
        "statistics": grown == choice(case.due, new, num(0)),
        "count of the span": then.npreleased == choice(case.due, case.whole >> PAGE_SHIFT, case.span.npreleased),
        "nothing else changes": conjunction(
            [
                z3.BoolVal(set(path.writes) <= {("MemStats", "heap_released"), ("Span", "npreleased")}),
                z3.BoolVal(len(path.effects) <= 1),
                *(e.guard for e in path.effects),
                disjunction([other == case.s, alike]),
            ]
        ),
    }
    # Each is used for the ones after it: without the range and the result, the sum of rounded words is too hard.
    conditions = [Condition(name, when, goal, lemma=True) for name, goal in out.items()]
    at = list(out).index("statistics")
    return [*conditions[:at], _exact_sum(path, case, out["result"], out["statistics"]), *conditions[at:]]


def of_the_range(path: State, case: Case) -> dict[str, Term]:
    """What is demanded of the range that the operating system is given, if it is given one."""
    out: dict[str, Term] = {}
    for effect in path.effects:
        _, start, length = effect.args
        unit = choice(case.physical, case.phys, num(1 << PAGE_SHIFT))
        out |= {
            "exactly the whole physical pages": conjunction([start == case.lo, start + length == case.hi]),
            "not empty": length > 0,
            "aligned": conjunction([(start & (unit - 1)) == 0, (length & (unit - 1)) == 0]),
            "inside the span": conjunction([case.start <= start, start + length <= case.end]),
        }
    return out


def _exact_sum(path: State, case: Case, result: Term, statistics: Term) -> Condition:
    """That the sum in the statistics does not wrap, for whatever is added."""
    cut = tuple(v.term for v in (case.new, path.result) if v.constant is None)
    room, sums = case.stats.heap_released + case.new < 1 << 64, conjunction([result, case.new >= 0])
    exact = z3.Implies(conjunction([sums, room]), statistics)
    return Condition("an exact sum", z3.BoolVal(True), exact, lemma=True, cut=cut)


def released(path: State, case: Case) -> list[Condition]:
    """The number of bytes newly released is what the code's subtraction of machine words says."""
    out: dict[str, Term] = {}
    for effect in path.effects:
        length = effect.args[2]
        out = of_the_range(path, case) | {
            "what is new": path.result == case.new,
            "released does not wrap": path.result == length - case.counted,
            "no more than the range": path.result <= length,
        }
    return [Condition(name, path.condition(), goal, lemma=True) for name, goal in out.items()]


def share(path: State, case: Case) -> list[Condition]:
    """heap_released grows by as much as the pages that the span counts as released."""
    when, after = path.condition(), View(case.memory, path.writes)
    counted = after.record("Span", case.s).npreleased << PAGE_SHIFT
    grown = after.root.memstats.heap_released - case.stats.heap_released
    lemmas = [Condition(name, when, goal, lemma=True) for name, goal in of_the_range(path, case).items()]
    for effect in path.effects:
        result = path.result == case.new
        lemmas += [
            Condition("result", when, result, lemma=True),
            _exact_sum(path, case, result, grown == path.result),
            Condition("whole pages are counted", when, counted == effect.args[2], lemma=True),
        ]
    return [*lemmas, Condition("the share of the others", when, grown == counted - case.counted)]
