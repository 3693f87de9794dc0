"""The free slots of a span: nextFreeIndex by the rule for loops, and what nextFreeFast and isFree say.

One round is executed for an arbitrary slot and arbitrary bits; ``x`` is any slot, at which it is demanded that what was
passed over is taken. The bits are in words of eight bytes, as newMarkBits gives them.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from checker.symbolic.evaluate import Trouble
from checker.symbolic.memory import Memory, Value, Write, Writes
from checker.symbolic.number import Num, Term, choice, conjunction, disjunction, low_bits, negation, num, unsigned
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone, complete, looping
from proofs.arithmetic.mark_bits import MOST, size_of
from proofs.arithmetic.plain_objects import OBJECTS, part
from proofs.arithmetic.sequences import untroubled
from proofs.heaps import typed
from proofs.kernel import Condition, Problem
from spec.language import Edit

ASSUMES = (f"the span's bits are memory that newMarkBits gave for its objects, at most {MOST}",)
CACHED, WITHIN = "the cache is the complement of the bits from freeindex on", "reads only the span's bits"
PASSED, FREE = "what was passed over is taken", "the slot is free"
SLOT_BITS = MOST.bit_length()
"""Of the number of a slot."""

RECORD, SPAN = "ObjectSpan", num(1)


class Bits:
    """A span's bits, and any slot ``x``."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.span = View(memory).record(RECORD, SPAN)
        self.freeindex: Num = self.span.freeindex
        self.nelems: Num = self.span.nelems
        self.x = unsigned("x", SLOT_BITS)

    def word(self, block: Num) -> Num:
        """The 64 bits of a block, by its number."""
        out: Num = num(0)
        for i in range(8):
            out = out | self.span.alloc_bits[(block << 3) + i] << 8 * i
        return out

    def taken(self, slot: Num) -> Term:
        """Whether the bit of a slot is set."""
        return (self.word(slot >> 6) >> (slot & 63) & 1) == 1

    def cached(self, slot: Num) -> Num:
        """What the cache must be when its lowest bit is that of a slot."""
        return low_bits(~self.word(slot >> 6), 64) >> (slot & 63)

    def passed(self, slot: Num) -> Term:
        """If ``x`` is from freeindex on and before a slot, it is taken."""
        return z3.Implies(conjunction([self.freeindex <= self.x, self.x < slot]), self.taken(self.x))

    def premises(self) -> dict[str, Term]:
        """What holds of a span between two calls."""
        return {
            "slots are as many as an arena has bits for": self.nelems <= MOST,
            "freeindex is a slot, or their number": self.freeindex <= self.nelems,
            CACHED: disjunction([self.freeindex == self.nelems, self.span.alloc_cache == self.cached(self.freeindex)]),
        }

    def possible(self) -> dict[str, Term]:
        """The edges of the code."""
        f, n = self.freeindex, self.nelems
        return {
            "nothing is cached": conjunction([f < n, self.span.alloc_cache == 0]),
            "freeindex is the last slot of a block": conjunction([(f & 63) == 63, f + 1 < n]),
            "the first free bit is beyond the slots": conjunction([f < n, (n & 63) == 1, negation(self.taken(n))]),
            "there is no slot left": f == n,
        }

    def ended(self, path: State, result: Num) -> dict[str, Term]:
        """What holds after a call that gives a slot, or the number of slots if none is free."""
        f, n = self.freeindex, self.nelems
        after = View(self.memory, path.writes).record(RECORD, SPAN)
        return {
            "a slot from freeindex on, or the number of slots": conjunction([f <= result, result <= n]),
            PASSED: self.passed(result),
            FREE: disjunction([result == n, negation(self.taken(result))]),
            "freeindex is the slot after it": after.freeindex == choice(result < n, result + 1, n),
            CACHED: disjunction([after.freeindex == n, after.alloc_cache == self.cached(after.freeindex)]),
            "the bits stay as they are": z3.BoolVal((RECORD, "alloc_bits") not in path.writes),
        }


def _going(b: Bits, locals_: Mapping[str, Value], writes: Writes) -> dict[str, Term]:
    """What holds at the head of the loop."""
    at, cache, bit = locals_["sfreeindex"], locals_["a_cache"], locals_["bit_index"]
    after = View(b.memory, writes).record(RECORD, SPAN)
    found = conjunction([bit < 64, ((cache >> bit) & 1) == 1, (cache & ((num(1) << bit) - 1)) == 0])
    return {
        "a slot from freeindex on": conjunction([b.freeindex <= at, at < b.nelems]),
        PASSED: b.passed(at),
        "freeindex is as before": after.freeindex == b.freeindex,
        "the cache is the span's": cache == after.alloc_cache,
        "the cache is the complement of the bits from the slot on": cache == b.cached(at),
        "the bit is the lowest of the cache, or 64": disjunction([conjunction([bit == 64, cache == 0]), found]),
    }


def scanning(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem about nextFreeIndex, for the spec with these edits."""
    made = part(OBJECTS, edits)
    memory = Memory(made.schema)
    b = Bits(memory)
    parts, executor = looping(typed(made, "alloc_bits.next_free_index")), Alone(made, memory)
    demanded: list[Condition] = []

    def demand(where: str, ends: list[tuple[State, str]], *, at: Num | None = None) -> None:
        for path, how in ends:
            goals = b.ended(path, path.result) if how == "return" else _going(b, path.locals, path.writes)
            if at is not None and not how:
                goals["the slot grows"] = path.locals["sfreeindex"] > at
            demanded.extend(Condition(f"{where}: {name}", path.condition(), goal) for name, goal in goals.items())

    begun = executor.block(State(locals={"s": SPAN}), parts.before)
    demand("before the loop", begun)
    demanded.append(complete([path for path, _ in begun], executor.troubles))
    at, cache, bit = unsigned("slot", SLOT_BITS), unsigned("cache", 64), unsigned("bit", 7)
    middle = State(locals={"s": SPAN, "snelems": b.nelems, "sfreeindex": at, "a_cache": cache, "bit_index": bit})
    middle.writes[RECORD, "alloc_cache"] = (Write(z3.BoolVal(True), SPAN, None, cache),)
    here = conjunction(list(_going(b, middle.locals, middle.writes).values()))
    goes_on = executor.truth(middle, parts.loop.test)
    round_ = executor.block(middle.fork(here, goes_on), parts.loop.body)
    demand("one round", round_, at=at)
    after = executor.block(middle.fork(here, negation(goes_on)), parts.after)
    demand("after the loop", after)
    elsewhere = Trouble("elsewhere", "", "", negation(here))
    demanded.append(complete([path for path, _ in (*round_, *after)], [*executor.troubles, elsewhere]))
    demanded += [Condition(WITHIN, r.when, r.index < size_of(b.nelems)) for r in executor.reads]
    return Problem(
        premises=b.premises(),
        conditions=[*untroubled(executor), *demanded],
        possible={**b.possible(), "the loop goes on": conjunction([here, goes_on]), "it ends": conjunction([here, bit == 63])},
        memory=memory,
    )


def fast(edits: tuple[Edit, ...] = ()) -> Problem:
    """The problem about nextFreeFast and isFree, for the spec with these edits."""
    made = part(OBJECTS, edits)
    memory = Memory(made.schema)
    b = Bits(memory)
    executor = Alone(made, memory)
    paths = executor.body(State(locals={"s": SPAN}), typed(made, "alloc_bits.next_free_fast"))
    demanded = [complete(paths, executor.troubles)]
    for path in paths:
        after = View(memory, path.writes).record(RECORD, SPAN)
        if path.writes:
            slot = after.freeindex - 1
            address = low_bits(slot * b.span.elemsize, 64) + b.span.start_addr
            goals = b.ended(path, slot)
            goals["the address of the slot"] = path.result == low_bits(address, 64)
            goals["one slot"] = slot < b.nelems
            goals["it is counted"] = after.alloc_count == low_bits(b.span.alloc_count + 1, 16)
        else:
            goals = {"no address and no change": path.result == 0}
        demanded += [Condition(name, path.condition(), goal) for name, goal in goals.items()]
    for path in executor.body(State(locals={"s": SPAN, "index": b.x}), typed(made, "alloc_bits.is_free")):
        told = conjunction([path.condition(), b.x < b.nelems])
        demanded.append(Condition("isFree tells the bit", told, path.result == negation(b.taken(b.x))))
    demanded += [Condition(WITHIN, conjunction([r.when, b.x < b.nelems]), r.index < size_of(b.nelems)) for r in executor.reads]
    inside = [
        Condition(c.name, conjunction([c.when, b.x < b.nelems]), c.goal) if "index outside" in c.name else c
        for c in untroubled(executor)
    ]
    return Problem(premises=b.premises(), conditions=[*inside, *demanded], possible=b.possible(), memory=memory)
