"""Bugs that are planted in the linear executor are noticed by the comparisons with CPython and with the plain heap."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

import pytest
import test_splitting
import test_splitting_language
from planting import Plant, wrap

from checker.symbolic import cells
from checker.symbolic.linear import Lin
from checker.symbolic.number import within
from checker.symbolic.paths import Path
from checker.symbolic.splitting import Splitter, loops


def oldest_first(original: Any, self: Any, state: Any, *where: Any) -> Any:
    return original(self, replace(state, writes={k: w[::-1] for k, w in state.writes.items()}), *where)


def one_less(original: Any, self: Any, state: Any, record: str, field: str, write: Any) -> None:
    original(self, state, record, field, write if write.stop is None else replace(write, stop=write.stop - 1))


def no_wrap(original: Any, self: Any, state: Any, value: Any, bits: int) -> Any:
    return within(value, 0, (1 << bits) - 1) if isinstance(value, Lin) else original(self, state, value, bits)


def one_way(original: Any, self: Any, condition: Any) -> bool:
    answer = bool(original(self, condition))
    self.open.clear()
    return answer


def only_the_counter(original: Any, value: Any, constants: list[Any]) -> bool:
    return bool(original(value, constants[:1]))


def other_branch(original: Any, condition: Any, a: Any, b: Any) -> Any:
    return original(condition, b, a)


def upward(original: Any, self: Any, a: Any, by: int) -> Any:
    return original(self, a + (by - 1), by)


@dataclass(frozen=True)
class Bug:
    """What is planted, and a comparison that notices it."""

    plant: Plant
    function: str = ""
    operation: str = ""


def always(name: str, value: Any) -> Plant:
    return lambda patch: patch.setattr(Splitter, name, value)


def ends_everywhere(original: Any, self: Any, state: Any, statements: Any, ends: bool = False) -> Any:
    return original(self, state, statements, True)


BUGS = {
    "stores are read oldest first": Bug(wrap(Splitter, "read", oldest_first), "fill_twice", "alloc.alloc_stack"),
    "a range is one too short": Bug(wrap(Splitter, "write", one_less), "fill", "grow.grow"),
    "words do not wrap": Bug(wrap(Splitter, "low_bits", no_wrap), "wrapped", "free.free_span"),
    "guards are dropped": Bug(always("guarded", lambda self, guard, action: action()), "guarded", "free.free_span_locked"),
    "one side of a fork is lost": Bug(wrap(Path, "decide", one_way), "loop", "alloc.alloc_stack"),
    "a value of one round is taken for all": Bug(wrap(loops, "mentions", only_the_counter), "halves"),
    "a name of one round is taken for all": Bug(wrap(loops, "mentions", only_the_counter), "copy"),
    "a return in a branch leaves the function": Bug(wrap(Splitter, "block", ends_everywhere), "leave_inside"),
    "a choice takes the other branch": Bug(wrap(cells, "choose", other_branch), "least"),
    "quotients are rounded up": Bug(wrap(Splitter, "quotient", upward), "divided", "grow.grow"),
    "short circuits are evaluated without a guard": Bug(
        always("guarded", lambda self, guard, action: action()), "short_circuit", "free.free_span"
    ),
    "a throw is passed over": Bug(always("require", lambda *args: None), "throws", "free.free_stack"),
}


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS.keys())
def test_the_comparison_with_cpython_notices(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    with pytest.raises(AssertionError):
        test_splitting_language.compared(bug.function, seed=1)


@pytest.mark.parametrize("bug", [b for b in BUGS.values() if b.operation], ids=[n for n, b in BUGS.items() if b.operation])
def test_the_comparison_with_the_plain_heap_notices(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    op = next(o for o in test_splitting.OPERATIONS if o.name == bug.operation)
    bug.plant(monkeypatch)
    with pytest.raises(AssertionError):
        test_splitting.cases(op, ["bytes", "half physical pages"], random.Random(1), 3, 12)
