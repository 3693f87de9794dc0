"""What a checkpoint says about a search, looked at before it is used: a number that cannot be must not become an address.

A checkpoint's bytes have passed their checksums, but those are no proof against intent, and the file comes from outside.
What the sections hold is not looked at here; that they have the sizes that these numbers give them is seen when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checker.native.engine import CAPACITY
from checker.native.kernels.structs import DEADLOCK, SEGMENTS, THROW, VIOLATIONS
from checker.search.storage import capacity

if TYPE_CHECKING:
    from checker.search.native import NativeSearch

COUNTS = ("states", "transitions", "level_count", "level_at", "following_count", "widest")
"""The numbers of `Search` that are kept as they are."""

_BITS = range(16, 41)
_WORD = 1 << 64


class Implausible(Exception):
    """Something that no search writes; the message says what."""


def expect_plausible(meta: Mapping[str, Any], search: NativeSearch) -> None:
    """Look at every number of a checkpoint's meta.

    Raises
    ------
    Implausible
        One is missing, of another kind, or at odds with the others.
    """
    try:
        _counts(meta)
        _violations(meta, search)
        _counters(meta["counters"], search)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Implausible(f"its numbers have another shape ({type(error).__name__}: {error})") from error


def _counts(meta: Mapping[str, Any]) -> None:
    levels: Sequence[int] = meta["levels"]
    for name in COUNTS:
        _expect(meta[name] in _natural(meta[name], _WORD), f"{name} = {meta[name]!r}")
    _expect(type(levels) is list and levels[:1] == [1], "its first level is not state 0 alone")
    for count in levels:
        _expect(count in _natural(count, _WORD) and count > 0, f"a level of {count!r} states")
    depth = meta["depth"]
    _expect(type(depth) is int and depth == len(levels) - 1, f"depth {depth!r} and {len(levels)} levels")
    _expect(meta["level_count"] == levels[-1], f"{meta['level_count']} states in a level of {levels[-1]}")
    _expect(meta["level_at"] <= levels[-1], f"{meta['level_at']} states are expanded, out of {levels[-1]}")
    total = sum(levels) + meta["following_count"]
    _expect(meta["states"] == total, f"{meta['states']} states, and {total} in its levels")
    _expect(type(meta["bits"]) is int and meta["bits"] in _BITS, f"a visited set of 2**{meta['bits']!r} entries")
    _expect(total <= capacity(meta["bits"]), f"{total} states in a visited set of 2**{meta['bits']} entries")
    _expect(meta["widest"] <= CAPACITY * SEGMENTS, f"a block with {meta['widest']} successors")


def _violations(meta: Mapping[str, Any], search: NativeSearch) -> None:
    levels: Sequence[int] = meta["levels"]
    for level, place, code in meta["seen"]:
        at_start = type(level) is int and (level, place) == (-1, -1)
        size = 1 if at_start else levels[level] if level in _natural(level, len(levels) - 1) else 0
        _expect(at_start or place in _natural(place, size), f"a violation after state {place!r} of level {level!r}")
        _code(code, search)
    _expect(len(meta["noted"]) <= VIOLATIONS, f"{len(meta['noted'])} violations noted in one level")
    for code, order in meta["noted"]:
        done = meta["level_at"] << 24
        _expect(order in _natural(order, done), f"a violation at {order!r}, and the level is expanded to {done}")
        _code(code, search)


def _code(code: Any, search: NativeSearch) -> None:
    """A violation is a deadlock, a throw of the heap, or a clause of a property."""
    _expect(code in _natural(code, _WORD), f"a violation {code!r}")
    compiled, properties = search.compiled, len(search.machine.properties)
    if code & DEADLOCK:
        known = code == DEADLOCK
    elif code & THROW:
        number = (code & ~THROW) - 1
        known = number in range(len(compiled.exits)) and compiled.exits[number].kind == "throw"
    else:
        known = code >> 32 < properties and code & 0xFFFFFFFF < len(compiled.clauses)
    _expect(known, f"a violation {code:#x}, which this spec does not have")


def _counters(counters: Any, search: NativeSearch) -> None:
    expected = [len(counts) for counts in search.engine.counters()]
    _expect([len(counts) for counts in counters] == expected, f"counters other than {expected}")
    for counts in counters:
        for n in counts:
            _expect(n in _natural(n, _WORD), f"a counter of {n!r}")


def _natural(value: Any, end: int) -> range:
    """The numbers that are allowed: 0 up to ``end``; none for what is no integer."""
    return range(end if type(value) is int else 0)


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Implausible(otherwise)
