"""A small spec that uses every construct of the language, with the calls that compare its executions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from native_rig import Rig

LANGUAGE = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()
TABLE = (3, -5, 1 << 40, 7)

class Part:
    up: Part | None
    signed: Annotated[int, Range(-300, 300)]
    small: Annotated[int, Range(-2, 5)]

class Root:
    lock: Lock
    a: Annotated[int, Wrap("word_bits")]
    wide: Annotated[int, Range(-(2**60), 2**60)]
    flag: bool
    array: Annotated[list[Annotated[int, Range(0, 9)]], Size(4)]
    parts: Annotated[list[Part], Size(3)]
    head: Part | None
    calls: Annotated[int, Wrap(32)]

def note(r: Root, v: int, answer: bool) -> bool:
    r.calls = r.calls * 3 + v
    return answer

def circuit(r: Root, p: bool, q: bool, s: bool) -> int:
    n = 0
    if note(r, 1, p) and note(r, 2, q) or not note(r, 3, s):
        n = 1
    if not (note(r, 1, q) or note(r, 2, s)) and note(r, 3, p):
        n += 2
    return n

def pick(r: Root, i: int) -> int:
    return TABLE[i]

def choose_one(r: Root, i: int, p: bool) -> int:
    return r.array[i] if p else r.calls

def loop(r: Root, a: int, b: int) -> int:
    total = 0
    for i in range(a, b):
        if i == 3:
            continue
        if total > 40:
            break
        total += i
        total += i * 2
    while total > 10:
        total -= 7
        if total == 12:
            break
        if total % 2 == 0:
            continue
        total -= 1
    return total

def pair(r: Root, a: int, b: int) -> tuple[int, bool]:
    if a < b:
        return b - a, True
    return divide(r, a, b), False

def divide(r: Root, a: int, b: int) -> int:
    throw_if(b == 0, "by nothing")
    return a // b

def use_pair(r: Root, a: int, b: int) -> int:
    d, less = pair(r, a, b)
    r.calls += 1
    if less:
        return d
    return -d

def cells(r: Root, i: int, v: int) -> int:
    r.parts[i].signed = v
    r.parts[i].small = v
    r.a = v
    r.wide = v * 1000
    r.flag = v > 3
    r.array[i] = v
    return r.parts[i].signed + r.parts[i].small + r.a + r.wide

def chase(r: Root, n: int) -> int:
    p = r.head
    for _ in range(n):
        p = p.up
    return p.small

def link(r: Root, i: int, j: int) -> None:
    r.head = r.parts[i]
    r.parts[i].up = r.parts[j]

def needs(r: Root, p: Part) -> int:
    return 7

def unset(r: Root) -> int:
    return needs(r, r.head)

def masked(r: Root, a: int) -> int:
    return u64(a) + u32(a) + thread()

def locked(r: Root) -> None:
    acquire(r.lock)

def checked(r: Root) -> None:
    check("x", r.flag)

def add(r: Root, a: int, b: int) -> int:
    return a + b

def sub(r: Root, a: int, b: int) -> int:
    return a - b

def mul(r: Root, a: int, b: int) -> int:
    return a * b

def div(r: Root, a: int, b: int) -> int:
    return a // b

def mod(r: Root, a: int, b: int) -> int:
    return a % b

def shl(r: Root, a: int, b: int) -> int:
    return a << b

def shr(r: Root, a: int, b: int) -> int:
    return a >> b

def bits(r: Root, a: int, b: int) -> int:
    return (a & ~b) | ((a ^ b) & 1023)

def ends(r: Root, a: int, b: int) -> int:
    return min(a, b) - max(a // 2, b // 2)

def neg(r: Root, a: int, b: int) -> int:
    return -a

def unsigned(r: Root, a: int, b: int) -> int:
    return (u64(a) // 3) * (u64(b) % 5) + (u64(a) << 3) + (a % 8) + (b // 16) + ((a & 7) << (b & 7))

def ladder(r: Root, a: int, b: int) -> int:
    n = 0
    if a < b:
        n = 1
    if a <= b:
        n += 2
    if a == b:
        n += 4
    if a != b:
        n += 8
    if a >= b:
        n += 16
    if a > b:
        n += 32
    return n
"""
ARITHMETIC = ["add", "sub", "mul", "div", "mod", "shl", "shr", "bits", "ends", "neg", "unsigned", "ladder"]
CONTROL = ["circuit", "pick", "choose_one", "loop", "pair", "use_pair", "cells", "chase", "link", "unset", "masked"]


def language_rig(folder: Path, roots: list[str]) -> Rig:
    return Rig(folder, {}, ["code." + r for r in roots], "Root")


def numbers(rng: random.Random) -> Iterator[tuple[int, int]]:
    """Pairs of any size, small ones and the ends of the range among them."""
    edges = [0, 1, -1, 2, -2, 7, -7, 8, 62, 63, 64, 65, 2**31, -(2**31), 2**62, -(2**62), 2**63 - 1, -(2**63), 1 - 2**63]
    for a in edges:
        for b in edges:
            yield a, b
    for _ in range(600):
        one, two = (rng.randint(-(2**n), 2**n - 1) for n in (rng.choice([3, 7, 16, 33, 63]), rng.choice([3, 7, 16, 33, 63])))
        yield one, two


def arithmetic_differences(rig: Rig) -> tuple[Counter[str], list[str]]:
    world, wrong, seen = rig.begin(), [], Counter[str]()
    state = rig.state(world)
    rng = random.Random(4)
    for name in ARITHMETIC:
        for a, b in numbers(rng):
            if name == "shl" and b > 200:
                continue  # Python would build the number
            native = rig.native.call("code." + name, state, 1, a, b)
            seen[native.kind] += 1
            expected: int | str
            try:
                expected = rig.run(world, "code." + name, world.root, a, b)
            except ZeroDivisionError:
                expected = "division"
            except ValueError:
                expected = "shift"
            if isinstance(expected, int) and not -(2**63) <= expected < 2**63:
                expected = "overflow"
            got = native.value if native.kind == "return" else native.kind
            # An intermediate value may be too large where the result is not; then native must say so, not compute on.
            if got != expected and not (got == "overflow" and name in ("ends", "unsigned")):
                wrong.append(f"{name}({a}, {b}): native {got}, Python {expected}")
    return seen, wrong


def control_differences(rig: Rig) -> tuple[Counter[str], list[str]]:
    rng, seen, wrong = random.Random(6), Counter[str](), []
    shapes = {"circuit": "ppp", "pick": "i", "choose_one": "ip", "loop": "nn", "pair": "nn", "use_pair": "nn", "cells": "in"}
    shapes |= {"chase": "i", "link": "ii", "unset": "", "masked": "n"}
    values: dict[str, Callable[[], Any]] = {
        "p": lambda: rng.random() < 0.5,
        "i": lambda: rng.randint(0, 5),
        "n": lambda: rng.choice([rng.randint(-9, 9), rng.randint(-9, 9), rng.randint(-400, 400), rng.randint(-(2**52), 2**52)]),
    }
    world = rig.begin()
    for i in range(2500):
        if i % 50 == 0:
            world = rig.begin()
        name = rng.choice([n for n in shapes if "code." + n in rig.roots])
        args = [values[c]() for c in shapes[name]]
        kind, found = rig.differences(world, "code." + name, world.root, *args)
        seen[kind] += 1
        wrong += found
    return seen, wrong
