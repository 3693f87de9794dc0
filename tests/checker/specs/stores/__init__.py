"""Small functions about stores, loops, guards and arithmetic, which the linear executor and CPython both run."""

from __future__ import annotations

from typing import Annotated

from spec.language import Parameters, Range, Scenario, Size, Thread, Wrap, parameter, throw, throw_if, u64


class Sys(Parameters):
    """Parameters."""

    word_bits = parameter(8, lo=8, hi=64, doc="width of a word")
    gen_bits = parameter(4, lo=4, hi=32, doc="width of a generation")


sys = Sys()

Word = Annotated[int, Wrap("word_bits")]
Small = Annotated[int, Range(0, 9)]


class Item:
    """A record that is referred to."""

    v: Small
    next: Item | None


class Root:
    """The state."""

    x: Small
    y: Small
    low: Annotated[int, Range(-9, 9)]
    word: Word
    other: Word
    on: bool
    off: bool
    a: Annotated[list[int], Range(0, 9), Size(10)]
    b: Annotated[list[int], Range(0, 9), Size(10)]
    w: Annotated[list[int], Wrap("word_bits"), Size(10)]
    flags: Annotated[list[bool], Size(10)]
    first: Item | None
    items: Annotated[list[Item], Size(3)]


def fill(r: Root, n: int, k: int) -> int:
    """A range, which may be empty, begin anywhere and be longer than the array."""
    for i in range(n):
        r.a[k + i] = r.x
    return r.a[r.y]


def fill_between(r: Root, n: int, k: int) -> int:
    """A range with both ends, and a store into it before and after."""
    r.a[r.x] = 7
    for i in range(k, n):
        r.a[i] = 4
    r.a[r.y] = 5
    return r.a[k]


def fill_twice(r: Root, n: int, k: int) -> int:
    """Two ranges that may overlap; what one overwrote of the other is read."""
    for i in range(n):
        r.a[i] = 1
        r.flags[i] = r.on
    for i in range(r.x, k):
        r.a[i] = 2
    return r.a[r.y] * 10 + r.a[n - 1]


def fill_two(r: Root, n: int, k: int) -> None:
    """Two arrays in one loop, at different places."""
    for i in range(n):
        r.a[i] = 3
        r.b[i + k] = r.y


def fill_if(r: Root, n: int, k: int) -> None:
    """A range under a guard."""
    if r.on:
        for i in range(k, n):
            r.w[i] = r.word


def count_up(r: Root, n: int, k: int) -> None:
    """Each round stores another value."""
    for i in range(n):
        r.a[i] = i


def halves(r: Root, n: int, k: int) -> None:
    """Each round stores another value, of which only a fresh constant is seen."""
    for i in range(n):
        r.a[i] = (i + k) // 2


def turns(r: Root, n: int, k: int) -> None:
    """Each round stores another value, by wrapping."""
    for i in range(n):
        r.w[i] = 100 * i + r.word


def copy(r: Root, n: int, k: int) -> None:
    """Each round stores another value, of which only a name is seen."""
    r.b[k] = 9
    for i in range(n):
        r.a[i] = r.b[i]


def shift(r: Root, n: int, k: int) -> None:
    """Each round reads what the one before stored."""
    for i in range(n):
        r.a[i + 1] = r.a[i]


def stride(r: Root, n: int, k: int) -> None:
    """Each round skips one index."""
    for i in range(n):
        r.a[2 * i] = 8


def backwards(r: Root, n: int, k: int) -> None:
    """Each round stores to the index before."""
    for i in range(n):
        r.a[9 - i] = 8


def one_place(r: Root, n: int, k: int) -> None:
    """Each round stores to the same index."""
    for _i in range(n):
        r.a[k] = 6


def scatter(r: Root, n: int, k: int) -> None:
    """Each round stores where another array says."""
    for i in range(n):
        r.a[r.b[i]] = 8


def two_in_one(r: Root, n: int, k: int) -> None:
    """Each round stores twice to the same array."""
    for i in range(n):
        r.a[i] = 1
        r.a[i + 1] = 2


def called(r: Root, n: int, k: int) -> None:
    """Each round calls a function with a decision."""
    for i in range(n):
        r.a[i] = larger(r.x, r.y)


def noted(r: Root, n: int, k: int) -> None:
    """Each round calls a function that stores."""
    for i in range(n):
        r.a[i] = note(r)


def note(r: Root) -> int:
    """Count a call."""
    r.word += 1
    return 3


def doomed(r: Root, n: int, k: int) -> int:
    """A throw on every heap that comes by, and a loop behind it, which asks about heaps that are not there."""
    if n > 2:
        throw_if(n > 1, "doomed")
        while r.x > k:
            r.x = 0
    return r.y


def larger(a: int, b: int) -> int:
    """The larger of two numbers."""
    if a > b:
        return a
    return b


def guarded(r: Root, n: int, k: int) -> int:
    """Stores in both branches, some to the same cell, and what they read of each other."""
    if r.on:
        r.x = r.y
        r.a[n] = r.x
    else:
        r.y = r.x
        r.a[k] = r.y
    return r.a[r.x]


def guarded_twice(r: Root, n: int, k: int) -> None:
    """The same condition around two stores that build on each other."""
    r.word = 0
    if r.on:
        r.word = 4 * r.x
    if r.on:
        r.word += 1
    if r.off:
        r.other -= r.word


def forked(r: Root, n: int, k: int) -> None:
    """A guard around what needs a decision, after a store and before one."""
    if r.on:
        r.x = 1
        r.y = larger(r.x, n)
        r.a[r.y] = 2
    else:
        r.a[k] = r.y if r.off else 3


def product(r: Root, n: int, k: int) -> None:
    """A guard around what is linear only without it."""
    if r.x == 3:
        r.word = r.x * k


def leave_inside(r: Root, n: int, k: int) -> None:
    """A return inside a branch, with stores behind it there and after the branch."""
    if r.on:
        if r.off:
            return
        r.x = 1
    r.y = 2


def leave_last(r: Root, n: int, k: int) -> None:
    """A return at the end of a branch, and stores after it."""
    if r.on:
        r.x = 1
        if r.off:
            return
    r.y = 2


def leave_loop(r: Root, n: int, k: int) -> None:
    """A return at the end of a loop's body."""
    for i in range(n):
        r.x = i
        if r.a[i] == k:
            return


def leave(r: Root, n: int, k: int) -> None:
    """A return with only stores behind it."""
    if r.on:
        return
    r.x = 1
    set_both(r, k)


def set_both(r: Root, k: int) -> None:
    """Two stores."""
    r.y = r.x
    r.a[k] = r.y


def loop(r: Root, n: int, k: int) -> int:
    """Break and continue."""
    total = 0
    for i in range(n):
        if r.a[i] == 0:
            continue
        if r.a[i] == k:
            break
        total += r.a[i]
    return total


def walk(r: Root, n: int, k: int) -> int:
    """A list, which may have a cycle."""
    s = r.first
    rounds = 0
    while s is not None and rounds < n:
        s.v = rounds
        s = s.next
        rounds += 1
    return rounds


def throws(r: Root, n: int, k: int) -> None:
    """Throws behind stores and behind each other."""
    r.x = 0
    throw_if(r.y == n, "first")
    if r.on:
        throw_if(k == 3 and r.off, "second")
        r.y = 1
    if r.low > 5:
        throw("third")
    r.y = 2


def may_throw(r: Root, n: int, k: int) -> None:
    """A branch that ends in a throw, if it was not left before."""
    if r.on:
        if r.off:
            return
        throw("thrown")
    r.x = 1


def short_circuit(r: Root, n: int, k: int) -> int:
    """What is skipped must not be an error."""
    s = r.first
    if s is not None and s.v > k:
        return 1
    if s is None or s.next is None or s.next.v == n:
        return 2
    return 3 if k < 10 and r.a[k] == 3 else 4


def divided(r: Root, n: int, k: int) -> int:
    """Quotients and remainders, also of negative numbers."""
    return (r.word * 3 + r.low) // 4 + (r.low * 7 - n) % 5 + ((r.low - k) >> 2)


def masked(r: Root, n: int, k: int) -> int:
    """Masks of low bits and of all but the low bits, also of negative numbers."""
    return ((r.word + n) & 7) + ((r.low * 5 - k) & ~3) + (63 & (r.other - r.word))


def wrapped(r: Root, n: int, k: int) -> int:
    """Words that wrap upward and downward."""
    r.word += 200 + r.other
    r.other -= r.word + n
    return u64(r.low - k) + r.word


def united(r: Root, n: int, k: int) -> int:
    """Bits."""
    r.word = r.on | r.off
    return r.word | (r.other & 1)


def least(r: Root, n: int, k: int) -> int:
    """The smaller and the larger of two."""
    return min(r.x, k) * 10 + max(r.low, n - 2)


def initial(r: Root) -> None:
    """Nothing."""


def idle(r: Root) -> None:
    """A thread that does nothing."""


SCENARIO = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(idle),))
