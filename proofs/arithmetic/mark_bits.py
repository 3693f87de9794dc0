"""Arenas of mark bits: what newMarkBits gives, for all numbers of objects and all states of the arenas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from checker.symbolic.memory import Memory
from checker.symbolic.number import Num, Term, conjunction, disjunction, negation, num, unsigned
from checker.symbolic.state import State
from checker.symbolic.view import View
from proofs.arithmetic.executing import Alone
from proofs.arithmetic.plain_heap import WORD
from proofs.arithmetic.plain_objects import ARENAS, PlainPart, part
from proofs.arithmetic.sequences import sequence, untroubled
from proofs.heaps import REAL, typed
from proofs.kernel import Condition, Problem, Replay
from spec.language import Edit, Throw
from spec.mark_bits import GC_BITS_CHUNK_BYTES

HEADER = 2 * REAL["ptr_size"]
LENGTH = GC_BITS_CHUNK_BYTES - HEADER
MOST = LENGTH * 8
"""Objects whose bits one arena holds."""

ASSUMES = ("the operating system gives memory that begins at a multiple of 8, and has arenas left",)
INSIDE, ENOUGH, ALIGNED, APART = (
    "inside the arena",
    "a bit for each object",
    "at a multiple of 8",
    "no overlap with the next bits",
)
FITS = "what the arena in use has given away is inside it, in words of 8 bytes"


class Arenas:
    """The arenas before a call, and what is known of them."""

    def __init__(self, memory: Memory) -> None:
        self.root = View(memory).root
        given = self.root.given
        view = View(memory)
        self.next = view.record("GCBits", self.root.next)
        self.free = view.record("GCBits", self.root.free)
        self.spare = view.record("GCBits", self.free.next)
        self.fresh = [self.root.memory[given], self.root.memory[given + 1]]

    def premises(self, calls: int) -> dict[str, Term]:
        """Arenas that so many calls may meet are apart, and the memory of each is an aligned range."""
        all_of_them = [self.next, *[self.free, self.spare][:calls], *self.fresh[:calls]]
        ranges, apart = [], []
        for i, a in enumerate(all_of_them):
            ranges.append(conjunction([a.addr <= WORD - GC_BITS_CHUNK_BYTES, (a.addr & 7) == 0]))
            for b in all_of_them[:i]:
                clear = disjunction([a.addr + GC_BITS_CHUNK_BYTES <= b.addr, b.addr + GC_BITS_CHUNK_BYTES <= a.addr])
                apart.append(disjunction([a.number == 0, conjunction([a.number != b.number, clear])]))
        return {
            "an arena is an aligned range of memory": conjunction(ranges),
            "arenas are apart, and each stands in one place": conjunction(apart),
            "two arenas are left": self.root.given <= 2,
        }

    def fits(self) -> Term:
        """What the arena in use has given away is inside it, in words."""
        return conjunction([self.next.free <= LENGTH, (self.next.free & 7) == 0])


def bits_of(
    edits: tuple[Edit, ...] = (), *, least: int = 1, most: int = MOST, fitting: bool = True, only: tuple[str, ...] = ()
) -> Problem:
    """The problem for the spec with these edits: two calls, one after the other; one, if only some conditions are kept.

    Parameters
    ----------
    edits : tuple of Edit
        Of the spec.
    least, most : int
        Objects in the first call; in the second, any number that an arena has bits for.
    fitting : bool
        Take for granted that the arena in use has not given away more than it has.
    only : tuple of str
        The conditions to keep, or the words of a throw; all by default.
    """
    made = part(ARENAS, edits)
    memory = Memory(made.schema)
    arenas, nelems, others = Arenas(memory), unsigned("nelems", 64), unsigned("others", 64)
    function = typed(made, "mark_bits.new_mark_bits")
    premises = {
        **arenas.premises(1 if only else 2),
        f"{least} to {most} objects": conjunction([num(least) <= nelems, nelems <= most]),
        f"then 1 to {MOST}": conjunction([num(1) <= others, others <= MOST]),
        **(
            {FITS: arenas.fits()}
            if fitting
            else {"what was given away is no more than 2^62 bytes": arenas.next.free <= 1 << 62}
        ),
    }
    executor = Alone(made, memory, premises=list(premises.values()) if fitting else [])
    demanded = []
    for first, (result,) in sequence(executor, [(function, {"m": num(1), "nelems": nelems})]):
        goals = _given(memory, first, nelems, result)
        room = conjunction([arenas.root.next != 0, arenas.next.free + size_of(nelems) <= LENGTH])
        goals["the arena in use is kept while there is room"] = disjunction(
            [negation(room), View(memory, first.writes).root.next == arenas.root.next]
        )
        for name, goal in goals.items():
            demanded.append(Condition(name, first.condition(), goal))
        following = [] if only else sequence(executor, [(function, {"m": num(1), "nelems": others})], first)
        for path, (second,) in following:
            apart = disjunction([result + size_of(nelems) <= second, second + size_of(others) <= result])
            demanded.append(Condition(APART, path.condition(), apart))
    return Problem(
        premises=premises,
        conditions=[c for c in (*untroubled(executor), *demanded) if not only or any(o in c.name for o in only)],
        possible={
            "the arena in use is full": conjunction([arenas.root.next != 0, arenas.next.free == LENGTH]),
            "there is none yet": arenas.root.next == 0,
            "one is used again": conjunction([arenas.root.free != 0, arenas.root.next == 0]),
        },
        memory=memory,
        inputs={"nelems": nelems, "in use": arenas.root.next, "free": arenas.next.free},
        smallest=("nelems", "in use", "free"),
        replay=partial(replay, edits),
    )


def size_of(nelems: Num) -> Num:
    """Bytes in whole words of 64 bits: of the exact number, so the statement itself does not wrap."""
    return (nelems + 63 >> 6) << 3


def _given(memory: Memory, path: State, nelems: Num, result: Num) -> dict[str, Term]:
    """What holds of the bits that were given, and of the arenas after it."""
    view = View(memory, path.writes)
    arena = view.record("GCBits", view.root.next)
    end = result + size_of(nelems)
    return {
        INSIDE: conjunction([arena.addr + HEADER <= result, end <= arena.addr + GC_BITS_CHUNK_BYTES]),
        ENOUGH: arena.addr + HEADER + arena.free >= result + (nelems + 7 >> 3),
        ALIGNED: (result & 7) == 0,
        "no more than the words for them": arena.addr + HEADER + arena.free == end,
        FITS: conjunction([arena.free <= LENGTH, (arena.free & 7) == 0]),
    }


def replay(edits: tuple[Edit, ...], values: Mapping[str, int]) -> Replay:
    """Ask the plain function; the control is the unmodified heap, or for the unmodified heap the nearest legal number."""
    broken, text = _asked(edits, values)
    n = values["nelems"]
    inside = {**values, "nelems": n if edits else min(max(n, 1), MOST)}
    control, other = _asked((), inside)
    return Replay(broken, control, f"{text}; {'unmodified' if edits else 'with ' + str(inside['nelems'])}, {other}")


def _asked(edits: tuple[Edit, ...], values: Mapping[str, int]) -> tuple[frozenset[str], str]:
    """What is broken, and what happens, when bits for so many objects are asked for."""
    plain, n = PlainPart(ARENAS, edits), values["nelems"]
    arenas = plain.root
    for i, arena in enumerate(arenas.memory):
        arena.addr = (i + 1) << 20
    if values["in use"]:
        arenas.next, arenas.given = arenas.memory[0], 1
        arenas.next.free = values["free"]
    try:
        result = plain.call("mark_bits.new_mark_bits", arenas, n)
    except Throw as e:
        return frozenset({f"no throw: {e}"}), f"newMarkBits({n}) throws {str(e)!r}"
    end = arenas.next.addr + GC_BITS_CHUNK_BYTES
    taken = arenas.next.addr + HEADER + arenas.next.free - result
    wrong = {
        INSIDE: result < arenas.next.addr + HEADER or result + (n + 63) // 64 * 8 > end,
        ENOUGH: taken * 8 < n,
        ALIGNED: result % 8 != 0,
        FITS: arenas.next.free > LENGTH,
    }
    text = f"newMarkBits({n}) gives {taken} bytes, {end - result} bytes before the end of the arena"
    return frozenset(name for name, bad in wrong.items() if bad), text
