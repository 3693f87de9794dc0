"""Plain execution: properties, recorded calls, and random runs of the real heap."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from plain_rig import a_spec

from checker.load import load
from checker.plain import PlainRun

PROPERTIES = """
class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9), Racy("lock")]
    y: Annotated[int, Range(0, 9)]

@invariant("P1", "small")
def small(r: Root) -> None:
    check("x small", r.x < 3, x=r.x)

@invariant("P2", "agree", when=LOCK_FREE)
def agree(r: Root) -> None:
    check("x is y", r.x == r.y)

@step_property("P3", "grows")
def grows(before: Root, after: Root) -> None:
    check("grows", after.x >= before.x, was=before.x)

@end_of("add", "P4", "added")
def added(r: Root, by: int, old: int) -> None:
    check("by", r.x == old + by, by=by)
    check("even", u32(r.x + 16) % 2 == 0, x=r.x)

@end_of("twice", "P5", "doubled")
def doubled(r: Root, value: int, result: int) -> None:
    if given(value > 0):
        check("doubled", result == 2 * value + r.x - r.x, result=result)
        check("never", value != 2, value=value)

def add(r: Root, by: int) -> None:
    acquire(r.lock)
    old = r.x
    r.x = r.x + by
    r.y = r.x
    release(r.lock)

def twice(value: int) -> int:
    return 2 * value

def main(r: Root) -> None:
    add(r, 1)
    add(r, twice(1))
    step()
    add(r, u32(0 - twice(2)) - 12)
    acquire(r.lock)
    r.x = 2
    step()
    release(r.lock)
"""


def test_end_properties_fail_in_the_step_that_ends_the_operation(tmp_path: Path) -> None:
    begin = a_spec(tmp_path, PROPERTIES, "main")
    for _ in range(2):  # instrumenting again must not evaluate twice
        with begin("lock")() as run:
            seen = [run.take(*run.enabled()[0]).failures for _ in range(4)]
            assert seen == [(("P4", "even", {"x": 1}),), (), (("P4", "even", {"x": 3}),), ()]
            assert run.take(0).failures == (("P5", "never", {"value": 2}),)


def test_end_properties_make_no_points(tmp_path: Path) -> None:
    begin = a_spec(tmp_path, PROPERTIES, "main")
    with begin("fine")() as run:
        seen: list[Any] = []
        while run.waiting_at(0) != "step":
            seen.append(run.waiting_at(0))
            run.take(0)
        assert seen == ["acquire", "store", "released"] * 2


def test_invariants_and_step_properties(tmp_path: Path) -> None:
    with a_spec(tmp_path, PROPERTIES, "main")("lock")() as run:
        assert run.check_invariants() == []
        run.take(0)
        run.take(0)
        before = run.snapshot()
        run.take(0)
        assert run.root.x == 3
        assert run.check_invariants() == [("P1", "x small", {"x": 3})]
        assert run.check_step(before, 0) == []
        while run.position(0)[-1][0] != "main" or run.waiting_at(0) != "acquire":
            run.take(0)
        run.root.x = 3
        run.snapshot(into=before)
        run.take(0)
        assert run.root.lock.owner == 1
        assert run.check_step(before, 0) == [("P3", "grows", {"was": 3})]
        assert run.check_invariants() == []  # P2 does not hold, but the lock is held
        assert run.cells() != before.cells()


def test_calls_are_recorded(tmp_path: Path) -> None:
    text = """
class Item:
    v: Annotated[int, Range(0, 9)]

class Root:
    items: Annotated[list[Item], Size("items")]

def pick(r: Root, i: int) -> Item:
    return r.items[i]

def f(r: Root) -> None:
    step()
    s = pick(r, 1)
    g(s, True)
    fail()

def g(s: Item, ok: bool) -> None:
    step()

def fail() -> None:
    throw("end")
"""
    folder = tmp_path / "a_spec"
    a_spec(tmp_path, text, "f")
    spec = load(folder)
    with PlainRun(spec, spec.scenarios["s"], {}, atomicity="fine", record_calls=True) as run:

        def calls() -> list[tuple[object, ...]]:
            return [(c.name, c.args, c.result, c.depth, c.began, c.ended) for c in run.take(0).calls]

        assert calls() == [
            ("f", ("Root 1",), None, 0, False, False),
            ("pick", ("Root 1", "1"), "Item 2", 1, True, True),
            ("g", ("Item 2", "True"), None, 1, True, False),
        ]
        assert calls() == [
            ("f", ("Root 1",), None, 0, False, True),
            ("g", ("Item 2", "True"), "None", 1, False, True),
            ("fail", (), None, 1, True, True),
        ]


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
@pytest.mark.parametrize("seed", range(3))
def test_the_heap_s_books_add_up_on_random_schedules(atomicity: Any, seed: int) -> None:
    spec = load()
    pick = random.Random(seed)
    with PlainRun(spec, spec.scenarios["coalesce"], {"mutators": 2}, atomicity=atomicity) as run:
        h = run.root
        for _ in range(1500):
            before = run.snapshot() if pick.random() < 0.05 else None
            result = run.take(*pick.choice(run.enabled()))
            assert (result.thrown, result.failures) == (None, ())
            if before is not None:
                assert run.check_step(before, 0) == []
                assert {f[:2] for f in run.check_invariants()} <= {("P16", "initialised")}  # the known finding F2
                if h.lock.owner == 0:
                    assert h.memstats.heap_sys == h.memstats.heap_idle + h.memstats.heap_inuse
                    assert h.arena_used - h.arena_start == h.memstats.heap_sys


def test_the_same_schedule_gives_the_same_run() -> None:
    def trace(package: Any) -> list[object]:
        pick = random.Random(7)
        out: list[object] = []
        with PlainRun(package, package.scenarios["coalesce"], {"mutators": 2}, atomicity="fine") as run:
            for _ in range(300):
                run.take(*pick.choice(run.enabled()))
                out.append((run.cells(), run.position(0), run.position(1), run.enabled()))
        return out

    assert trace(load()) == trace(load())
