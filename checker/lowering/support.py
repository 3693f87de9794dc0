"""What lowered Python code calls: errors with their place, locks, atomics, and the collection of failed clauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from checker.errors import SpecEvaluationError

LIMIT = 1_000_000
"""Rounds of one loop in one step, so that a corrupted list cannot hang the search."""


class Throw(Exception):
    """A Throw of the heap in lowered code, with its place."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def null(place: str) -> NoReturn:
    """A reference is followed that is None."""
    raise SpecEvaluationError(f"{place}: a field of None is used; test 'is not None' first")


def outside(index: int, length: int, place: str) -> NoReturn:
    """An index does not fit its array."""
    raise SpecEvaluationError(f"{place}: index {index} is outside 0..{length - 1}")


def out_of_range(value: int, what: str, place: str) -> NoReturn:
    """A value does not fit its declared range."""
    raise SpecEvaluationError(f"{place}: {what} = {value} is outside its declared range")


def divisor(value: int, place: str) -> int:
    """The right operand of a division."""
    if value == 0:
        raise SpecEvaluationError(f"{place}: division by zero")
    return value


def distance(value: int, place: str) -> int:
    """The right operand of a shift."""
    if value < 0:
        raise SpecEvaluationError(f"{place}: a shift by {value}; the distance must not be negative")
    return value


def endless(place: str) -> NoReturn:
    """A loop does not end."""
    raise SpecEvaluationError(f"{place}: a loop went round {LIMIT} times in one step; is a list corrupted?")


def span_(start: int, stop: int, place: str) -> range:
    """The range of a loop whose length is not known to be moderate."""
    if stop - start > LIMIT:
        endless(place)
    return range(start, stop)


def release(state: bytearray, at: int, owner: int, place: str) -> None:
    """Give a lock back that this thread holds."""
    if state[at] != owner:
        raise SpecEvaluationError(f"{place}: the lock is released by a thread that does not hold it")
    state[at] = 0


def _get(state: bytearray, at: int, width: int, bias: int) -> int:
    return int.from_bytes(state[at : at + width], "little") + bias


def _put(state: bytearray, at: int, value: int, lo: int, hi: int, mask: int, width: int, bias: int, place: str) -> int:
    if mask:
        value &= mask
    elif not lo <= value <= hi:
        out_of_range(value, "an atomic store", place)
    state[at : at + width] = (value - bias).to_bytes(width, "little")
    return value


def cas(state: bytearray, at: int, old: int, new: int, lo: int, hi: int, mask: int, width: int, bias: int, place: str) -> bool:
    """Compare and swap a cell."""
    if _get(state, at, width, bias) != old:
        return False
    _put(state, at, new, lo, hi, mask, width, bias, place)
    return True


def xadd(state: bytearray, at: int, delta: int, lo: int, hi: int, mask: int, width: int, bias: int, place: str) -> int:
    """Add to a cell; the new value."""
    return _put(state, at, _get(state, at, width, bias) + delta, lo, hi, mask, width, bias, place)


def namespace(blocks: int, properties: int, findings: int, points: int = 0) -> dict[str, Any]:
    """The names that lowered code runs in, with fresh counters.

    ``C`` counts blocks, ``R`` the steps taken from each scheduling point, ``G`` antecedents, ``F`` explained failures;
    ``P`` holds the property being evaluated and ``W`` the number of the thread that executes, ``V`` collects failures,
    ``CHECKED`` switches end properties, ``FINDINGS`` explains failures.
    """
    failures: list[tuple[int, str, tuple[tuple[str, str, int], ...]]] = []
    current = [0]
    explained = [0] * findings
    known: dict[tuple[int, str], list[tuple[int, Callable[..., Any], tuple[str, ...]]]] = {}

    def fail(state: bytes, clause: str, witness: tuple[tuple[str, str, int], ...]) -> None:
        values = {name: value for name, _, value in witness}
        for number, explains, params in known.get((current[0], clause), ()):
            if explains(state, 1, *(values[p] for p in params)):
                explained[number] += 1
                return
        failures.append((current[0], clause, tuple((n, k, int(v)) for n, k, v in witness)))

    return {
        "C": [0] * blocks,
        "G": [0] * properties,
        "F": explained,
        "P": current,
        "R": [0] * points,
        "V": failures,
        "W": [1],
        "CHECKED": [True] * properties,
        "FINDINGS": known,
        "LIMIT": LIMIT,
        "Throw": Throw,
        "cas": cas,
        "distance": distance,
        "divisor": divisor,
        "endless": endless,
        "fail": fail,
        "null": null,
        "out_of_range": out_of_range,
        "outside": outside,
        "release": release,
        "span_": span_,
        "xadd": xadd,
    }
