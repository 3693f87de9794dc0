"""Plain execution: litmus tests over all schedules of tiny specs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_rig import HEAD, a_spec, explore, kinds

from checker.plain import PlainRun

INCREMENT = """
class Root:
    x: Annotated[int, Range(0, 9), Racy()]

def inc(r: Root) -> None:
    step()
    r.x = r.x + 1

def inc2(r: Root) -> None:
    step()
    r.x = r.x + 1
"""


def test_an_update_is_lost_at_fine_atomicity_only(tmp_path: Path) -> None:
    begin = a_spec(tmp_path, INCREMENT, "inc", "inc2")
    assert set(explore(begin("fine"), lambda r: r.root.x)) == {1, 2}
    assert set(explore(begin("lock"), lambda r: r.root.x)) == {2}


def test_one_point_stands_before_each_unprotected_access(tmp_path: Path) -> None:
    with a_spec(tmp_path, INCREMENT, "inc")("fine")() as run:
        seen = []
        while run.enabled():
            seen.append((run.waiting_at(0), run.position(0)[0][1] - HEAD.count("\n")))
            run.take(*run.enabled()[0])
        assert seen == [("step", 6), ("load", 7), ("store", 7)]
        assert run.position(0) == ()
        assert run.finished(0)


PROTECTED = """
class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9), Racy("lock")]
    cells: Annotated[list[int], Range(0, 9), Size("items"), Racy("lock")]
    seen: Annotated[int, Range(0, 9)]

def inc(r: Root) -> None:
    acquire(r.lock)
    add(r)
    release(r.lock)
    r.seen = r.cells[1]

def add(r: Root) -> None:
    r.x = r.x + 1
    r.cells[1] = r.cells[1] + r.x

def inc2(r: Root) -> None:
    acquire(r.lock)
    add(r)
    release(r.lock)
"""


def test_loads_under_the_lock_make_no_point_and_stores_do(tmp_path: Path) -> None:
    with a_spec(tmp_path, PROTECTED, "inc")("fine")() as run:
        seen = []
        while run.enabled():
            seen.append((run.waiting_at(0), [name for name, _ in run.position(0)]))
            run.take(*run.enabled()[0])
        assert seen == [
            ("acquire", ["inc"]),
            ("store", ["inc", "add"]),
            ("store", ["inc", "add"]),
            ("released", ["inc"]),
            ("load", ["inc"]),
        ]


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_a_lock_excludes(tmp_path: Path, atomicity: Any) -> None:
    begin = a_spec(tmp_path, PROTECTED, "inc", "inc2")(atomicity)

    def observe(run: PlainRun) -> tuple[int, int, int]:
        return run.root.x, run.root.cells[1], run.root.seen

    assert set(explore(begin, observe)) == {(2, 3, 1), (2, 3, 3)}


def test_a_held_lock_disables(tmp_path: Path) -> None:
    with a_spec(tmp_path, PROTECTED, "inc", "inc2")("fine")() as run:
        assert run.enabled() == [(0, ()), (1, ())]
        run.take(0, ())
        assert run.root.lock.owner == 1
        assert run.enabled() == [(0, ())]
        with pytest.raises(ValueError, match="cannot take a step"):
            run.take(1, ())


def test_two_locks_in_opposite_order_deadlock(tmp_path: Path) -> None:
    text = """
class Root:
    a: Lock
    b: Lock

def ab(r: Root) -> None:
    acquire(r.a)
    acquire(r.b)
    release(r.b)
    release(r.a)

def ba(r: Root) -> None:
    acquire(r.b)
    acquire(r.a)
    release(r.a)
    release(r.b)
"""
    found = explore(a_spec(tmp_path, text, "ab", "ba")("lock"), lambda r: tuple(kinds(r)))
    assert set(found) == {("returned", "returned"), ("acquire", "acquire")}
    assert sorted(found["acquire", "acquire"]) == [(0, ()), (1, ())]


def test_waits_are_enabled_by_others_and_rest_is_no_deadlock(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9), Racy()]

def waiter(r: Root) -> None:
    wait(lambda: u32(r.x + 15) == 0)
    r.x = 5

def server(r: Root) -> None:
    while True:
        wait(lambda: r.x == 0, rest=True)
        r.x = 1
"""
    begin = a_spec(tmp_path, text, "waiter", "server")
    with begin("lock")() as run:
        assert kinds(run) == ["wait", "rest"]
        assert run.enabled() == [(1, ())]
        run.take(1, ())
        assert run.enabled() == [(0, ())]
        assert (run.resting(0), run.resting(1)) == (False, True)
    for atomicity in ("lock", "fine"):
        assert set(explore(begin(atomicity), lambda r: (r.root.x, *kinds(r)))) == {(5, "returned", "rest")}


def test_a_choice_of_pairs_has_a_successor_for_each(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 99), Racy()]

def pick(r: Root) -> None:
    a, b = choose(range(sys.items), range(3), where=lambda a, b: a + b >= 2 + r.x)
    r.x = 10 * a + b
"""
    begin = a_spec(tmp_path, text, "pick", parameters='{"items": 3}')
    for atomicity in ("lock", "fine"):
        with begin(atomicity)() as run:
            assert run.enabled() == [(0, (0, 2)), (0, (1, 1)), (0, (1, 2)), (0, (2, 0)), (0, (2, 1)), (0, (2, 2))]
            for bad in ((0, 0), (3, 3), (2,), ()):
                with pytest.raises(ValueError, match="cannot take a step"):
                    run.take(0, bad)
        assert set(explore(begin(atomicity), lambda r: r.root.x)) == {2, 11, 12, 20, 21, 22}


def test_cas_succeeds_once_and_xadd_loses_nothing(tmp_path: Path) -> None:
    text = """
class Root:
    flag: Annotated[int, Range(0, 2), Racy()]
    won: Annotated[int, Range(0, 9)]
    n: Annotated[int, Wrap("gen_bits"), Racy()]
    last: Annotated[list[int], Range(0, 99), Size("items")]

def first(r: Root) -> None:
    if cas(r, "flag", 0, 1):
        r.won += 1
    r.last[0] = xadd(r, "n", 10)

def second(r: Root) -> None:
    if cas(r, "flag", 0, 2):
        r.won += 1
    r.last[1] = xadd(r, "n", 10)
"""
    for atomicity in ("lock", "fine"):
        folder = tmp_path / atomicity
        folder.mkdir()
        begin = a_spec(folder, text, "first", "second")(atomicity)
        with begin() as run:
            assert kinds(run) == ["atomic", "atomic"]
            run.take(0, ())
            assert (run.root.flag, run.root.won, kinds(run)) == (1, 1, ["atomic", "atomic"])
            run.take(1, ())
            assert (run.root.flag, run.root.won) == (1, 1)
        ends = set(explore(begin, lambda r: (r.root.flag, r.root.won, r.root.n, *r.root.last)))
        assert ends == {(f, 1, 4, *last) for f in (1, 2) for last in ((10, 4), (4, 10))}


def test_a_cas_in_a_critical_section_keeps_the_lock(tmp_path: Path) -> None:
    text = """
class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9), Racy("lock")]

def f(r: Root) -> None:
    acquire(r.lock)
    cas(r, "x", 0, 1)
    release(r.lock)
"""
    with a_spec(tmp_path, text, "f")("lock")() as run:
        run.take(0, ())
        assert (run.waiting_at(0), run.root.lock.owner) == ("atomic", 1)
        run.take(0, ())
        assert (run.waiting_at(0), run.root.lock.owner, run.root.x) == ("released", 0, 1)


def test_store_buffering_is_sequentially_consistent(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[bool, Racy()]
    y: Annotated[bool, Racy()]
    a: bool
    b: bool

def left(r: Root) -> None:
    r.x = True
    r.a = r.y

def right(r: Root) -> None:
    r.y = True
    r.b = r.x
"""
    begin = a_spec(tmp_path, text, "left", "right")
    assert set(explore(begin("fine"), lambda r: (r.root.a, r.root.b))) == {(False, True), (True, False), (True, True)}


def test_short_circuit_skips_the_second_access(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[bool, Racy()]
    y: Annotated[bool, Racy()]
    a: bool

def f(r: Root) -> None:
    step()
    if r.x and r.y:
        r.a = True
"""
    with a_spec(tmp_path, text, "f")("fine")() as run:
        run.take(0, ())
        assert run.waiting_at(0) == "load"
        run.take(0, ())
        assert run.finished(0)


def test_a_throw_stops_the_step_at_once(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9)]

def f(r: Root) -> None:
    step()
    r.x = 1
    stop(r)
    r.x = 2

def stop(r: Root) -> None:
    throw_if(r.x == 1, "one")

def g(r: Root) -> None:
    step()
"""
    with a_spec(tmp_path, text, "f", "g")("lock")() as run:
        assert run.take(0, ()).thrown == "one"
        assert (run.root.x, run.waiting_at(0), run.enabled()) == (1, "thrown", [])
        with pytest.raises(ValueError, match="cannot take a step"):
            run.take(1, ())


def test_closing_leaves_nothing_running(tmp_path: Path) -> None:
    run = a_spec(tmp_path, PROTECTED, "inc", "inc2")("fine")()
    run.take(0)
    before = run.cells()
    run.close()
    assert all(t.greenlet.dead for t in run.threads)
    assert run.enabled() == []
    assert run.cells() == before
    run.close()
