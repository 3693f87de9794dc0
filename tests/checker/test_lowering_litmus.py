"""Litmus tests: over all schedules, the lowered machine ends in exactly the states in which plain execution ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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

class Root:
    lock: Lock
    other: Lock
    x: Annotated[int, Range(0, 9), Racy()]
    y: Annotated[int, Range(0, 9), Racy()]
    z: Annotated[int, Range(0, 9), Racy("lock")]
    a: Annotated[int, Range(0, 99)]
    b: Annotated[int, Range(0, 99)]

def initial(r: Root) -> None:
    pass

"""

LITMUS = {
    "racy increments": ("step()\n    r.x = r.x + 1", "step()\n    r.x += 2", 3),
    "store buffering": ("r.x = 1\n    r.a = r.y", "r.y = 1\n    r.b = r.x", 3),
    "message passing": ("r.x = 1\n    r.y = 1", "r.a = r.y\n    r.b = r.x", 3),
    "load buffering": ("r.a = r.x\n    r.y = 1", "r.b = r.y\n    r.x = 1", 3),
    "two writers": ("r.x = 1\n    r.y = 1", "r.x = 2\n    r.y = 2", 4),
    "a lock": (
        "acquire(r.lock)\n    r.z = r.z + 1\n    r.a = r.z\n    release(r.lock)",
        "acquire(r.lock)\n    r.z += 2\n    r.b = r.z\n    release(r.lock)",
        2,
    ),
    "a reader beside the lock": (
        "acquire(r.lock)\n    r.z = 1\n    r.z = 2\n    release(r.lock)",
        "r.a = r.z\n    r.b = r.z",
        6,
    ),
    "two locks in opposite order": (
        "acquire(r.lock)\n    acquire(r.other)\n    r.a += 1\n    release(r.other)\n    release(r.lock)",
        "acquire(r.other)\n    acquire(r.lock)\n    r.a += 1\n    release(r.lock)\n    release(r.other)",
        2,
    ),
    "cas": ("if cas(r, 'x', 0, 1):\n        r.a += 1", "if cas(r, 'x', 0, 2):\n        r.b += 1", 2),
    "xadd": ("r.a = xadd(r, 'x', 1)", "r.b = xadd(r, 'x', 2)", 2),
    "a loop of cas": (
        "while True:\n        old: Annotated[int, Range(0, 9)] = r.x\n        if cas(r, 'x', old, old + 1):\n            break",
        "r.x = 5\n    r.x = 0",
        2,
    ),
    "a wait": ("r.x = 1\n    wait(lambda: r.y == 1)\n    r.a = r.x", "wait(lambda: r.x == 1)\n    r.y = 1\n    r.x = 2", 2),
    "a wait for ever": ("wait(lambda: r.y == 1)\n    r.a = 1", "r.y = 1\n    r.y = 0", 2),
    "a choice": ("n = choose(range(3), where=lambda n: n >= r.y)\n    r.x = n", "r.y = 1\n    r.y = 2", 3),
    "a choice of three": (
        "a, b, c = choose(range(2), range(2), range(2), where=lambda a, b, c: a + b + c == r.y)\n    r.a = a + 2 * b + 4 * c",
        "r.y = 1",
        4,
    ),
    "short circuit": ("if r.x == 1 and r.y == 0:\n        r.a = 1", "r.x = 1\n    r.y = 1\n    r.x = 0", 2),
    "a conditional": ("r.a = r.x if r.y == 1 else 7", "r.x = 3\n    r.y = 1\n    r.x = 4", 3),
    "operands from left to right": ("r.a = r.x + 10 * r.y", "r.x = 1\n    r.y = 1", 4),
    "a chain reads its middle once": ("r.a = 1 if 0 < r.x < 3 else 2", "r.x = 4\n    r.x = 2\n    r.x = 0", 2),
    "a throw": ("step()\n    stop(r)\n    r.a = 1", "r.x = 1\n    r.x = 2", 2),
    "a function that reads twice": ("step()\n    r.a = difference(r)", "r.x = 1\n    r.x = 2", 3),
    "a release that nobody sees": (
        "acquire(r.lock)\n    r.z = 1\n    release(r.lock)\n    acquire(r.lock)\n    r.z = 2\n    release(r.lock)",
        "acquire(r.lock)\n    r.a = r.z\n    release(r.lock)",
        3,
    ),
}


def two_threads(folder: Path, left: str, right: str) -> tuple[Spec, Spec]:
    """A spec of two threads, loaded twice."""
    folder = folder / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        f"""{HEAD}
def left(r: Root) -> None:
    {left}

def right(r: Root) -> None:
    {right}

def stop(r: Root) -> None:
    throw_if(r.x == 1, "one")

def difference(r: Root) -> int:
    first: Annotated[int, Range(0, 9)] = r.x
    return r.x - first

S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(left), Thread(right)))
"""
    )
    return load(folder), load(folder)


def ends_of_plain(spec: Spec, atomicity: Any) -> set[Any]:
    """Cells and waits at the end of every schedule, each run from the start."""
    seen: set[Any] = set()
    todo: list[list[Any]] = [[]]
    while todo:
        schedule = todo.pop()
        with PlainRun(spec, spec.scenarios["s"], {}, atomicity=atomicity) as run:
            thrown = None
            for step in schedule:
                run.take(*step)
            while options := run.enabled():
                todo += [[*schedule, o] for o in options[1:]]
                schedule = [*schedule, options[0]]
                thrown = run.take(*options[0]).thrown
            if thrown is not None:
                seen.add((tuple(run.cells()), thrown))
            else:
                seen.add((tuple(run.cells()), tuple(run.waiting_at(t.index) for t in run.threads)))
    return seen


def ends_of_lowered(spec: Spec, atomicity: Any) -> set[Any]:
    """The same, by exploration of the lowered machine."""
    machine = Machine(spec, spec.scenarios["s"], {}, atomicity=atomicity)
    ends: set[Any] = set()
    seen = {machine.initial()}
    todo = list(seen)
    while todo:
        state = todo.pop()
        successors = machine.successors(state)
        if not successors:
            ends.add((tuple(machine.layout.values(state)), tuple(machine.waiting_at(state, i)[0] for i in range(2))))
        for s in successors:
            if s.thrown is not None:
                ends.add((tuple(machine.layout.values(s.state)), s.thrown[0]))
            elif s.state not in seen:
                seen.add(s.state)
                todo.append(s.state)
    return ends


@pytest.mark.parametrize(("left", "right", "outcomes"), LITMUS.values(), ids=LITMUS.keys())
def test_all_schedules_end_alike(tmp_path: Path, left: str, right: str, outcomes: int) -> None:
    plain, lowered = two_threads(tmp_path, left, right)
    expected = ends_of_plain(plain, "fine")
    assert ends_of_lowered(lowered, "fine") == expected
    assert len(expected) == outcomes


@pytest.mark.parametrize("name", ["a lock", "cas", "a choice", "two locks in opposite order", "a release that nobody sees"])
def test_all_schedules_end_alike_at_lock_atomicity(tmp_path: Path, name: str) -> None:
    left, right, _ = LITMUS[name]
    plain, lowered = two_threads(tmp_path, "step()\n    " + left, "step()\n    " + right)
    assert ends_of_lowered(lowered, "lock") == ends_of_plain(plain, "lock")
