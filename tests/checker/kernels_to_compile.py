"""Kernels that use each construct of their language, and that mean the same in plain Python over `plain_words`."""

from __future__ import annotations

from checker.native.kernels.language import (
    Struct,
    Word,
    atomic_add,
    atomic_load,
    atomic_store,
    copy,
    fill,
    kernel,
    mulhi,
    popcount,
    prefetch,
    sched_yield,
    u8,
    u16,
    u32,
    u64,
)

LARGE = 0x9E3779B97F4A7C15
YES = True


class Inner(Struct):
    first: Word
    second: Word


class Outer(Struct):
    count: Word
    inner: Inner
    last: Word


@kernel
def operators(a: Word, b: Word, at: Word) -> Word:
    """Every operator."""
    d = b | 1
    n = b & 63
    h = (a + b) ^ (a - b) ^ (a * b)
    h = h * LARGE + a // d
    h = h * LARGE + a % d
    h = h * LARGE + (a << n)
    h = h * LARGE + (a >> n)
    h = h * LARGE + ~a + YES
    return h


@kernel
def comparisons(a: Word, b: Word, at: Word) -> Word:
    """As values and as conditions."""
    h = (a == b) + 2 * (a != b) + 4 * (a < b) + 8 * (a <= b) + 16 * (a > b) + 32 * (a >= b)
    if a - b > b:
        h += 64
    if not a < b:
        h += 128
    if a:
        h += 256
    return h + 512 * (not b)


@kernel
def logic(a: Word, b: Word, at: Word) -> Word:
    """Short circuit, nested, as a condition and as a truth value."""
    h = 0
    if (a & 1 and tell(at, 1)) or (not (b & 1) and tell(at, 2) and not (a & 2 or tell(at, 3))):
        h = 1
    if not (a & 4 and b & 4) and (a & 8 or b & 8 or tell(at, 4)):
        h += 2
    h += 4 * (1 if a & 16 and (b & 16 or tell(at, 5)) else 0)
    h += 8 * (not (a & 32 and tell(at, 6)))
    return h + 16 * (a if b & 1 else b if a & 1 else 7)


@kernel
def tell(at: Word, what: Word) -> Word:
    """Count a call."""
    u64[at] = u64[at] * 8 + what
    return what & 1


@kernel
def loops(a: Word, b: Word, at: Word) -> Word:
    """With every way on and out; the bounds of a range are read once, its variable may be changed."""
    h = 0
    stop = a % 9
    for i in range(stop):
        stop += 1
        if i == 2:
            continue
        for j in range(i, b % 7):
            if j == 5:
                break
            h = h * 3 + j
        i += 10
        h = h * 5 + i
    n = b % 11
    while n > 0:
        n -= 1
        if n == 6:
            continue
        if n == a % 4:
            break
        h = h * 7 + n
    while True:
        h += 1
        if h % 4 == 0:
            break
    for i in range(3, 1):  # noqa: B007
        h = 0
    return h + stop + n


@kernel
def returns(a: Word, b: Word, at: Word) -> Word:
    """Early, in both branches, in a loop, and without a value."""
    if a % 5 == 0:
        if b % 2:
            return 1
        else:
            return 2
    elif a % 5 == 1:
        pass
    else:
        for i in range(a % 5):
            if i == b % 5:
                return 10 + i
        nothing(a)
        return nothing(b) + 20
    x = y = a
    x += 1
    z: Word = x
    return x * y + z


@kernel
def nothing(a: Word) -> None:
    """Return nothing, which is 0."""
    if a & 1:
        return
    u = a
    u += 1


@kernel
def cells(a: Word, b: Word, at: Word) -> Word:
    """Of every width, at any address; a store keeps the low bits."""
    u64[at + 3] = a
    u32[at + 1 + b % 8] = b
    u16[at + a % 16] = a >> 3
    u8[at + 17] = b
    u8[at + b % 16] += a
    u64[at + 8] ^= b
    h = u8[at + 4] + u16[at + 5] * 3 + u32[at + 2] * 5 + u64[at + 1] * 7
    return h * LARGE


@kernel
def structs(a: Word, b: Word, at: Word) -> Word:
    """Fields, fields of fields, and structs from addresses, arguments and results."""
    o = Outer(at)
    o.count = a
    o.inner = Inner(at + Outer_size())
    o.last = 5
    o.inner.first = b
    o.inner.second = o.count + 1
    o.last += o.inner.first
    Inner(o.inner).first -= 3
    return o.last * 31 + part(o).second + total(o.inner) + o


@kernel
def Outer_size() -> Word:  # noqa: N802
    """Bytes of an outer struct."""
    return 24


@kernel
def part(o: Outer) -> Inner:
    """The inner one."""
    return o.inner


@kernel
def total(i: Inner) -> Word:
    """Both fields."""
    return i.first + i.second


@kernel
def intrinsics(a: Word, b: Word, at: Word) -> Word:
    """What is called besides kernels."""
    fill(at, a, 40)
    u64[at + 1] = b
    copy(at + 40, at, 17 + b % 8)
    prefetch(at)
    h = mulhi(a, b) * 3 + popcount(a ^ b)
    h += min(a, b) * 5 + max(a, b) * 7
    atomic_store(at + 64, a)
    h = h * LARGE + atomic_add(at + 64, b)
    sched_yield()
    return h + atomic_load(at + 64)


@kernel
def recursion(a: Word, b: Word, at: Word) -> Word:
    """A kernel may call itself."""
    if a % 16 == 0:
        return b
    return recursion(a - 1, b * 3 + 1, at)


KERNELS = [operators, comparisons, logic, loops, returns, cells, structs, intrinsics, recursion]
