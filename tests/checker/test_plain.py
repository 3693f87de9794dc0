"""Plain execution: litmus tests over all schedules of tiny specs, and random runs of the real heap."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.errors import LanguageError, SpecEvaluationError
from checker.load import load
from checker.plain import PlainRun
from spec.language import runtime

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    items = parameter(2, hi=8, doc="items")

sys = Sys()

def initial(r: Root) -> None:
    pass

"""

Schedule = list[tuple[int, tuple[int, ...]]]
Begin = Callable[[], PlainRun]


def a_spec(folder: Path, text: str, *threads: str, parameters: str = "{}") -> Callable[[Any], Begin]:
    """What begins runs of a spec of one module, whose root is ``Root``, at a given atomicity."""
    made = ", ".join(t if "(" in t else f"Thread({t})" for t in threads)
    scenario = (
        f'SCENARIO = Scenario(name="s", purpose="", root=Root, initial=initial, threads=({made},), parameters={parameters})\n'
    )
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(HEAD + text + "\n" + scenario)
    spec = load(folder)
    return lambda atomicity: lambda: PlainRun(spec, spec.scenarios["s"], {}, atomicity=atomicity)


def explore(begin: Begin, observe: Callable[[PlainRun], Any]) -> dict[Any, Schedule]:
    """What is observed at the end of every schedule, each with one schedule; runs each schedule from the start."""
    seen: dict[Any, Schedule] = {}
    todo: list[Schedule] = [[]]
    while todo:
        schedule = todo.pop()
        with begin() as run:
            for step in schedule:
                run.take(*step)
            while options := run.enabled():
                todo += [[*schedule, o] for o in options[1:]]
                schedule = [*schedule, options[0]]
                run.take(*options[0])
            seen.setdefault(observe(run), schedule)
    return seen


def kinds(run: PlainRun) -> list[str]:
    return [run.waiting_at(t.index) for t in run.threads]


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


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("step()\n    r.x = 10", r"__init__\.py:{line}: Root.x = 10: outside its declared range 0..9"),
        ("step()\n    r.c[r.x - 1] = 1", r"__init__\.py:{line}: Root.c\[-1\]: index outside"),
        ("step()\n    r.x = r.x // r.x", r"__init__\.py:{line}: ZeroDivisionError"),
        ("step()\n    release(r.lock)", r"__init__\.py:{line}: release\(lock\): f does not hold it"),
    ],
)
def test_an_error_of_the_spec_names_its_line(tmp_path: Path, body: str, said: str) -> None:
    text = f"""
class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9)]
    c: Annotated[list[int], Range(0, 9), Size("items")]

def f(r: Root) -> None:
    {body}
"""
    before = list(runtime._in_force)
    with a_spec(tmp_path, text, "f")("lock")() as run:
        with pytest.raises(SpecEvaluationError, match=said.format(line=HEAD.count("\n") + 9)):
            run.take(0, ())
        assert run.enabled() == []
    assert runtime._in_force == before


@pytest.mark.parametrize("guard", ["r.x // r.x == 0", "step() is None"])
def test_an_error_in_a_guard_names_its_line(tmp_path: Path, guard: str) -> None:
    text = f"""
class Root:
    x: Annotated[int, Range(0, 9)]

def f(r: Root) -> None:
    wait(lambda: {guard})
"""
    with a_spec(tmp_path, text, "f")("lock")() as run:
        with pytest.raises(SpecEvaluationError, match=rf"__init__\.py:{HEAD.count(chr(10)) + 6}: .*what lets f go on"):
            run.enabled()
        with pytest.raises(SpecEvaluationError):
            run.take(0, ())


def test_a_thread_may_change_nothing_before_its_first_point(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9), Racy()]

def f(r: Root) -> None:
    r.x = 1
"""
    begin = a_spec(tmp_path, text, "f")
    with pytest.raises(LanguageError, match=r"changes Root\.x from 0 to 1"):
        begin("lock")()
    with begin("fine")() as run:
        assert run.waiting_at(0) == "store"


def test_a_racy_field_must_name_a_lock_of_the_root(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9), Racy("look")]

def f(r: Root) -> None:
    step()
"""
    with pytest.raises(LanguageError, match="names no lock of Root"):
        a_spec(tmp_path, text, "f")("fine")()


EACH = """
class Worker:
    n: Annotated[int, Range(0, 9)]

class Root:
    workers: Annotated[list[Worker], Size("items")]

def work(r: Root, w: Worker) -> None:
    step()
    w.n += 1
"""


def test_each_gives_one_thread_for_each_record(tmp_path: Path) -> None:
    for items, names in ((2, ["work 0", "work 1"]), (1, ["work"])):
        folder = tmp_path / str(items)
        folder.mkdir()
        begin = a_spec(folder, EACH, 'Thread(work, each="workers")', parameters=f'{{"items": {items}}}')
        with begin("lock")() as run:
            assert [t.name for t in run.threads] == names
            run.take(items - 1, ())
            assert [w.n for w in run.root.workers] == [0] * (items - 1) + [1]


def test_each_must_name_an_array_of_records(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="names no array of records"):
        a_spec(tmp_path, EACH, 'Thread(work, each="worker")')("lock")()


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


def test_closing_leaves_nothing_running(tmp_path: Path) -> None:
    run = a_spec(tmp_path, PROTECTED, "inc", "inc2")("fine")()
    run.take(0)
    before = run.cells()
    run.close()
    assert all(t.greenlet.dead for t in run.threads)
    assert run.enabled() == []
    assert run.cells() == before
    run.close()


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
