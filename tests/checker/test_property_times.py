"""When properties are due: invariants of one lock, and the end of an operation that begins by giving its lock back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checker.differential import Comparison
from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.plain import PlainRun

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

Small = Annotated[int, Range(0, 9)]

class Root:
    lock: Lock
    other: Lock
    x: Annotated[int, Range(0, 9), Racy("lock")]
    y: Small

def initial(r: Root) -> None:
    pass

"""


def made(folder: Path, text: str, *threads: str) -> Spec:
    """A spec of one module, loaded once more."""
    folder = folder / "a_spec"
    folder.mkdir(exist_ok=True)
    declared = "".join(f"Thread({t}), " for t in threads)
    scenario = f'S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=({declared}))\n'
    (folder / "__init__.py").write_text(HEAD + text + "\n" + scenario)
    return load(folder)


LOCKS = """
@invariant("P1", "the second lock's", when="other")
def second(r: Root) -> None:
    check("y", r.y == 0, y=r.y)

@invariant("P2", "all locks'", when=LOCK_FREE)
def every(r: Root) -> None:
    check("x", r.x == 0, x=r.x)

def main(r: Root) -> None:
    acquire(r.lock)
    r.x = 1
    acquire(r.other)
    r.y = 2
    release(r.other)
    release(r.lock)
"""


def test_an_invariant_of_one_lock_is_due_whatever_other_locks_are_held(tmp_path: Path) -> None:
    plain, lowered = made(tmp_path, LOCKS, "main"), made(tmp_path, LOCKS, "main")
    machine = Machine(lowered, lowered.scenarios["s"], {})
    state, seen, expected = machine.initial(), [], []
    with PlainRun(plain, plain.scenarios["s"], {}, atomicity="lock") as run:
        while found := machine.successors(state):
            state = found[0].state
            run.take(0)
            seen.append(sorted(machine.properties[f.property].id for f in machine.check(state)))
            expected.append(sorted(f[0] for f in run.check_invariants()))
    assert seen == expected == [[], ["P1"], ["P1", "P2"]]


REACQUIRE = """
@end_of("refill", "P1", "refilled")
def refilled(r: Root, want: int, had: int, more: int, result: int) -> None:
    check("kept", r.x == had, had=had, x=r.x)
    check("counted", want == more and result == had + more, want=want, more=more, result=result)

def refill(r: Root, want: Small) -> int:
    had: Small = r.x
    release(r.lock)
    more: Small = 0
    while more < want:
        more += 1
        step()
    acquire(r.lock)
    if had == 0:
        want = more
        return more
    return had + more

def main(r: Root) -> None:
    acquire(r.lock)
    got: Small = refill(r, 2)
    r.x = got
    release(r.lock)
    step()
    acquire(r.lock)
    again: Small = refill(r, 1)
    r.x = again
    release(r.lock)

def beside(r: Root) -> None:
    step()
    acquire(r.lock)
    r.x += 1
    release(r.lock)
"""


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_an_operation_that_first_releases_ends_with_its_return(tmp_path: Path, atomicity: Any) -> None:
    threads = ("main", "beside")
    plain, lowered = made(tmp_path, REACQUIRE, *threads), made(tmp_path, REACQUIRE, *threads)
    comparison = Comparison(plain, lowered, "s", {}, atomicity)
    for seed in range(6):
        assert comparison.first_difference(120, seed=seed) is None
    assert comparison.tally.failures > 0  # the other thread came in between


def witnesses(spec: Spec, atomicity: str) -> set[tuple[str, tuple[int, ...]]]:
    """The failed clauses of the ends of operations over all schedules."""
    machine = Machine(spec, spec.scenarios["s"], {}, atomicity=atomicity)
    todo, out = [machine.initial()], set()
    seen = set(todo)
    while todo:
        for s in machine.successors(todo.pop()):
            out |= {(f.clause, tuple(v for _, _, v in f.witness)) for f in s.failures}
            if s.state not in seen:
                seen.add(s.state)
                todo.append(s.state)
    return out


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_the_return_sees_the_locals_of_its_own_time(tmp_path: Path, atomicity: str) -> None:
    assert witnesses(made(tmp_path, REACQUIRE, "main"), atomicity) == set()
    found = witnesses(made(tmp_path, REACQUIRE, "main", "beside"), atomicity)
    assert found == {("kept", (0, 1)), ("kept", (2, 3))}


FIRST_TAKES = """
@end_of("both", "P1", "before each release")
def before(r: Root, k: int) -> None:
    check("first", k != 1, k=k)
    check("second", k != 2, k=k)

@end_of("never", "P2", "a lock that stays taken")
def taken(r: Root, n: int) -> None:
    check("n", n == 0, n=n)

@end_of("lends", "P3", "the parameter is set again")
def lent(r: Root, n: int) -> None:
    check("n", n == 0, n=n)

@end_of("none", "P4", "no lock at all")
def nothing(r: Root, n: int) -> None:
    check("n", n == 0, n=n)

def both(r: Root) -> None:
    k: Small = 0
    acquire(r.lock)
    k = 1
    release(r.lock)
    acquire(r.lock)
    k = 2
    release(r.lock)
    k = 3

def never(r: Root, n: Small) -> None:
    acquire(r.other)
    n = n + 1

def lends(r: Root, n: Small) -> None:
    n = 5
    release(r.other)
    n = 6

def none(r: Root, n: Small) -> None:
    if n == 0:
        return
    n = 7

def main(r: Root) -> None:
    both(r)
    never(r, 3)
    lends(r, 1)
    none(r, 0)
    none(r, 1)
"""


def test_the_first_lock_primitive_of_the_text_decides(tmp_path: Path) -> None:
    plain, lowered = made(tmp_path, FIRST_TAKES, "main"), made(tmp_path, FIRST_TAKES, "main")
    for atomicity in ("lock", "fine"):
        comparison = Comparison(plain, lowered, "s", {}, "lock" if atomicity == "lock" else "fine")
        assert comparison.first_difference(30, seed=1) is None
        assert witnesses(lowered, atomicity) == {("first", (1,)), ("second", (2,)), ("n", (4,)), ("n", (6,)), ("n", (7,))}


def test_recording_calls_does_not_disturb_the_ends(tmp_path: Path) -> None:
    spec = made(tmp_path, REACQUIRE, "main")
    with PlainRun(spec, spec.scenarios["s"], {}, atomicity="lock", record_calls=True) as run:
        seen = []
        while run.enabled():
            seen.append([(c.name, c.began, c.ended, c.result) for c in run.take(0).calls])
    assert seen[0] == [("main", False, False, None), ("refill", True, False, None)]
    assert ("refill", False, True, "2") in seen[4]
    assert seen[4][-1][:1] == ("refill",)
