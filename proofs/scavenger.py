"""What the scavenger must do with one free span, for every span and every physical page size.

The right code and the wrong fixes of issue 16644 are held against the same conditions; nothing here repeats
the code's guard: ``first`` and ``last``, the ends of the whole physical pages inside the span, are first proved to be
the multiples of the physical page size that bracket the span's ends, and the rest builds on that.
"""

from __future__ import annotations

from functools import partial

import z3

from checker.symbolic.execute import run
from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, low_bits, negation, num, unsigned, word
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.heaps import program, typed
from proofs.kernel import Condition, Problem
from proofs.plain_scavenger import replay
from spec.language import Edit

SYS_UNUSED = "environment.os.sys_unused"
PAGE = 13
ASSUMES = (
    "sys_unused is not executed: a claim speaks of the range that it is given",
    "the heap holds 8192-byte pages and 64-bit words; the physical page size is any power of two that a word holds",
)
SMALLEST = ("npages", "phys_page_size", "npreleased", "base", "limit", "unusedsince", "now", "heap_released")


def scavenger(edits: tuple[Edit, ...] = (), *, only: tuple[str, ...] = ()) -> Problem:
    """The problem for the spec with these edits.

    Parameters
    ----------
    edits : tuple of Edit
        Of a variant.
    only : tuple of str
        The conditions to keep; all by default.
    """
    made = program(edits)
    memory = Memory(made.schema)
    s = word(z3.BitVec("s", 63))
    phys, now, limit = unsigned("phys_page_size", 64), unsigned("now", 64), unsigned("limit", 64)
    before = View(memory)
    span, stats = before.record("Span", s), before.root.memstats
    end = span.start_addr + (span.npages << PAGE)
    first = memory.named("first", (span.start_addr + phys - 1) & ~(phys - 1))
    last = memory.named("last", end & ~(phys - 1))
    physical = phys > 1 << PAGE
    lo, hi = choice(physical, first, span.start_addr), choice(physical, last, end)
    whole = choice(lo <= hi, hi - lo, num(0))
    new = whole - (span.npreleased << PAGE)
    premises = {
        "s is a span": s >= 1,
        "the physical page size is a power of two": conjunction([phys >= 1, (phys & (phys - 1)) == 0]),
        "the span is page aligned": (span.start_addr & ((1 << PAGE) - 1)) == 0,
        "the span has pages": span.npages >= 1,
        "the last address of the span, rounded up to a physical page, is a machine word": end + phys <= 1 << 64,
        "the span counts no more as released than its whole physical pages": (span.npreleased << PAGE) <= whole,
        "what is newly released fits the statistics": stats.heap_released + new < 1 << 64,
    }
    result = run(
        made,
        typed(made, "scavenge.scavenge_span"),
        {"h": num(1), "s": s, "now": now, "limit": limit},
        variables={"phys_page_size": phys},
        memory=memory,
        premises=list(premises.values()),
        summaries={SYS_UNUSED: lambda state, args: None},
    )
    old = low_bits(now - span.unusedsince, 64) > limit
    due = conjunction([old, new > 0])
    conditions = [
        Condition("first page", z3.BoolVal(True), bracket(first, phys, span.start_addr, first), lemma=True),
        Condition("last page", z3.BoolVal(True), bracket(last, phys, last, end), lemma=True),
        Condition("some path is taken", z3.BoolVal(True), disjunction([p.condition() for p in result.paths])),
        *(Condition(f"no {t.kind} at {t.place}", z3.BoolVal(True), negation(t.condition)) for t in result.troubles),
    ]
    for path in result.paths:
        conditions += _conditions(path, memory, before, s, due, (lo, hi, whole, new), phys)
    return Problem(
        premises=premises,
        conditions=[c for c in conditions if not only or c.name in only],
        possible={
            "physical pages of one heap page, released": conjunction([due, phys == 1 << PAGE]),
            "large physical pages, some released before": conjunction([due, physical, span.npreleased >= 1]),
            "an old span without whole physical pages": conjunction([old, last < first]),
        },
        memory=memory,
        inputs={
            "npages": span.npages,
            "phys_page_size": phys,
            "npreleased": span.npreleased,
            "base": span.start_addr,
            "now": now,
            "limit": limit,
            "unusedsince": span.unusedsince,
            "heap_released": stats.heap_released,
        },
        smallest=SMALLEST,
        replay=partial(replay, edits),
    )


def bracket(multiple: Num, unit: Num, low: Num, high: Num) -> Term:
    """``multiple`` is one of ``unit``, a power of two; ``low <= high < low + unit``."""
    return conjunction([(multiple & (unit - 1)) == 0, low <= high, high < low + unit])


def _conditions(
    path: State, memory: Memory, before: View, s: Num, due: Term, pages: tuple[Num, Num, Num, Num], phys: Num
) -> list[Condition]:
    """The conditions on one path; it calls the operating system at most once."""
    lo, hi, whole, new = pages
    when, after = path.condition(), View(memory, path.writes)
    span, then = before.record("Span", s), after.record("Span", s)
    other = word(z3.BitVec("other", 63))
    grown = after.root.memstats.heap_released - before.root.memstats.heap_released
    out: dict[str, Term] = {}
    for effect in path.effects:
        _, start, length = effect.args
        begin, unit = span.start_addr, choice(phys > 1 << PAGE, phys, num(1 << PAGE))
        out |= {
            "exactly the whole physical pages": conjunction([start == lo, start + length == hi]),
            "not empty": length > 0,
            "aligned": conjunction([(start & (unit - 1)) == 0, (length & (unit - 1)) == 0]),
            "inside the span": conjunction([begin <= start, start + length <= begin + (span.npages << PAGE)]),
        }
    out |= {
        "released only what is due": due if path.effects else z3.BoolVal(True),
        "released all that is due": z3.BoolVal(True) if path.effects else negation(due),
        "result": path.result == choice(due, new, num(0)),
        "statistics": grown == choice(due, new, num(0)),
        "count of the span": then.npreleased == choice(due, whole >> PAGE, span.npreleased),
        "nothing else changes": conjunction(
            [
                z3.BoolVal(set(path.writes) <= {("MemStats", "heap_released"), ("Span", "npreleased")}),
                z3.BoolVal(len(path.effects) <= 1),
                *(e.guard for e in path.effects),
                disjunction([other == s, after.record("Span", other).npreleased == before.record("Span", other).npreleased]),
            ]
        ),
    }
    # Each is used for the ones after it: without the range and the result, the sum of rounded words is too hard.
    conditions = [Condition(name, when, goal, lemma=True) for name, goal in out.items()]
    cut = tuple(v.term for v in (new, path.result) if v.constant is None)
    room, sums = before.root.memstats.heap_released + new < 1 << 64, conjunction([out["result"], new >= 0])
    exact = z3.Implies(conjunction([sums, room]), out["statistics"])
    at = list(out).index("statistics")
    return [*conditions[:at], Condition("an exact sum", z3.BoolVal(True), exact, lemma=True, cut=cut), *conditions[at:]]
