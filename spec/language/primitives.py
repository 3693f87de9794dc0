"""The primitives of the language: scheduling points, machine arithmetic, throws and checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar, overload

from spec.language.errors import Throw
from spec.language.markers import Lock
from spec.language.runtime import _in_force

P = ParamSpec("P")
R = TypeVar("R")


def step() -> None:
    """End the atomic step; the next one is always enabled."""
    _in_force[-1].step()


def wait(condition: Callable[[], bool], *, rest: bool = False) -> None:
    """End the step; the next one is enabled when ``condition()`` holds.

    ``rest`` marks a resting place: a thread that waits here for ever has not deadlocked.
    """
    _in_force[-1].wait(condition, rest)


@overload
def choose(values: range, /, *, where: Callable[[int], bool] | None = None) -> int: ...
@overload
def choose(a: range, b: range, /, *, where: Callable[[int, int], bool] | None = None) -> tuple[int, int]: ...
@overload
def choose(
    a: range, b: range, c: range, /, *, where: Callable[[int, int, int], bool] | None = None
) -> tuple[int, int, int]: ...


def choose(*ranges: range, where: Callable[..., bool] | None = None) -> int | tuple[int, ...]:
    """End the step; the next one exists once for each value (pair, triple) for which ``where`` holds.

    The bounds of the ranges are parameters, constants or locals; what depends on the heap stands in ``where``.
    """
    values = _in_force[-1].choose(ranges, where)
    return values[0] if len(ranges) == 1 else values


def acquire(lock: Lock) -> None:
    """End the step; the next one is enabled when the lock is free, and takes it."""
    _in_force[-1].acquire(lock)


def release(lock: Lock) -> None:
    """Give the lock back and end the step."""
    _in_force[-1].release(lock)


def cas(record: object, field: str, old: int, new: int) -> bool:
    """Begin a step with an atomic compare-and-swap of a field; tells whether it swapped."""
    _in_force[-1].before_atomic()
    if getattr(record, field) != old:
        return False
    setattr(record, field, new)
    return True


def xadd(record: object, field: str, delta: int) -> int:
    """Begin a step with an atomic addition to a field; returns the new value, as Go's Xadd."""
    _in_force[-1].before_atomic()
    setattr(record, field, getattr(record, field) + delta)
    value: int = getattr(record, field)
    return value


def thread() -> int:
    """The number of the thread that executes this, from 1; ghosts and properties may ask, the heap does not."""
    return _in_force[-1].thread()


def throw(message: str) -> NoReturn:
    """The heap stops itself."""
    raise Throw(message)


def throw_if(condition: bool, message: str) -> None:
    """The heap stops itself when the condition holds."""
    if condition:
        raise Throw(message)


def u64(value: int) -> int:
    """The value as an unsigned machine word (``word_bits`` of the scenario)."""
    return value & _in_force[-1].word_mask


def u32(value: int) -> int:
    """The value as an unsigned half word (``gen_bits`` of the scenario)."""
    return value & _in_force[-1].half_mask


def given(condition: bool) -> bool:
    """The antecedent of a property: true is noted, so that a vacuous pass can be told."""
    return _in_force[-1].given(condition)


def check(clause: str, condition: bool, **witness: object) -> None:
    """A clause of a property; the witness names the span, page or list for which it fails."""
    _in_force[-1].check(clause, condition, witness)
