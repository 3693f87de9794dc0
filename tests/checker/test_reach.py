"""What searches reach: branches and scheduling points, over several machines, against what the spec declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.errors import LanguageError
from checker.load import Spec, load
from checker.lowering.machine import Machine
from checker.report.reach import Entry, Reach
from checker.search.breadth_first import BreadthFirst, Limits
from spec.language import Unreached

SPEC = '''
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    least = parameter(0, hi=9, doc="what x begins with")

sys = Sys()

class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9)]
    y: Annotated[int, Range(0, 9)]

def initial(r: Root) -> None:
    r.x = sys.least

def shared(r: Root) -> int:
    if r.x > 7:
        return 7
    return r.x

def only_seen(r: Root) -> bool:
    if r.x > 1:
        return True
    return False

def grow(r: Root) -> None:
    """Grow.

    Go: heap.go:grow
    """
    acquire(r.lock)
    if r.x == 0:
        r.x = 1
    elif r.x == 2:
        step()
        if r.y == 1:
            r.x = 3
    else:
        r.y = shared(r)
    release(r.lock)

def never(r: Root) -> None:
    """Nothing calls it.

    Go: heap.go:never
    """
    if r.x == 1:
        r.x = 2
    while r.x == 2:
        r.x = 3

def tail(r: Root) -> None:
    step()
    wait(lambda: r.x == 5)
    r.x = 6

def first(r: Root) -> None:
    grow(r)

def second(r: Root) -> None:
    grow(r)
    tail(r)

@invariant("P1", "small")
def small(r: Root) -> None:
    check("x", r.x < 9 and shared(r) < 9 and (only_seen(r) or True), x=r.x)

ONE = Scenario(name="one", purpose="none", root=Root, initial=initial, threads=(Thread(first),))
TWO = Scenario(name="two", purpose="none", root=Root, initial=initial, threads=(Thread(first), Thread(second)))

A = Unreached("tail", "r.x = 6", "nobody sets x to 5")
B = Unreached("never", "if r.x", "left out")
C = Unreached("grow", "r.x = 1", "this is reached")
'''


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    folder = tmp_path / "a_spec"
    folder.mkdir()
    (folder / "__init__.py").write_text(SPEC)
    return load(folder)


def searched(spec: Spec, scenario: str, **parameters: int) -> Machine:
    machine = Machine(spec, spec.scenarios[scenario], parameters)
    BreadthFirst(machine, Limits()).run()
    return machine


def brief(entries: list[Entry]) -> list[tuple[str, str, str]]:
    return [(e.function, e.kind, e.text) for e in entries]


INNER = [
    ("grow", "branch", "step()"),
    ("grow", "step", "step()"),
    ("grow", "branch", "r.x = 3"),
]
NEVER = [
    ("never", "branch", "if r.x == 1:"),
    ("never", "branch", "r.x = 2"),
    ("never", "branch", "r.x = 3"),
]


def test_one_scenario_misses_what_its_parameters_rule_out(spec: Spec) -> None:
    reach = Reach()
    reach.add(searched(spec, "one"))
    assert brief(reach.unreached(inner=True)) == [
        ("grow", "branch", "elif r.x == 2:"),
        *INNER,
        ("grow", "branch", "r.y = shared(r)"),
        *NEVER,
        ("shared", "branch", "if r.x > 7:"),  # a property calls it, which does not count
        ("shared", "branch", "return 7"),
    ]
    assert brief(reach.unreached()) == [
        ("grow", "branch", "elif r.x == 2:"),
        ("never", "branch", "if r.x == 1:"),
        ("shared", "branch", "if r.x > 7:"),
    ]
    assert brief(reach.reached()) == [
        ("first", "branch", "grow(r)"),
        ("grow", "acquire", "acquire(r.lock)"),
        ("grow", "branch", "acquire(r.lock)"),
        ("grow", "branch", "r.x = 1"),
        ("initial", "branch", "r.x = sys.least"),
    ]


def test_the_union_of_scenarios_counts(spec: Spec) -> None:
    reach = Reach()
    for least in (0, 2, 8):
        reach.add(searched(spec, "two", least=least))
    assert brief(reach.unreached()) == [
        ("grow", "branch", "r.x = 3"),
        ("never", "branch", "if r.x == 1:"),
        ("tail", "wait", "wait(lambda: r.x == 5)"),
    ]
    waits = reach.unreached()[2]
    assert waits.threads == ("second",)
    assert [e.threads for e in reach.reached() if e.kind == "acquire"] == [("first", "second")]


def test_what_is_declared_is_explained(spec: Spec) -> None:
    reach = Reach()
    for least in (0, 2, 8):
        reach.add(searched(spec, "two", least=least))
    declared = [*spec.unreached, Unreached("tail", "wait(", "x is never 5")]
    found = reach.explain(declared)
    assert [(e.function, d.reason) for e, d in found.explained] == [("never", "left out"), ("tail", "x is never 5")]
    assert brief(found.unexplained) == [("grow", "branch", "r.x = 3")]
    assert {d.reason for d in found.idle} == {"nobody sets x to 5", "this is reached"}


def test_a_declaration_names_one_line(spec: Spec) -> None:
    reach = Reach()
    reach.add(searched(spec, "one"))
    with pytest.raises(LanguageError, match="names 4 lines of the function; name one"):
        reach.explain([Unreached("grow", "r.x =", "")])
    gone = Unreached("gone", "r.x = 1", "")
    assert reach.explain([gone]).idle == [gone]


def test_machines_of_different_specs_are_not_added_up(spec: Spec, tmp_path: Path) -> None:
    reach = Reach()
    reach.add(searched(spec, "one"))
    (tmp_path / "a_spec" / "__init__.py").write_text(SPEC.replace("r.x > 7", "r.x > 6"))
    with pytest.raises(ValueError, match="two different specs"):
        reach.add(searched(load(tmp_path / "a_spec"), "one"))


def test_steps_are_counted_for_each_point(spec: Spec) -> None:
    machine = Machine(spec, spec.scenarios["two"], {})
    todo = [machine.initial()]
    seen = set(todo)
    while todo:
        new = {s.state for s in machine.successors(todo.pop())} - seen
        seen |= new
        todo += new
    counted = {(function, cut.kind, cut.position[-1][0]): n for function, cut, n in machine.point_counts()}
    assert counted["second", "wait", "tail"] == 0
    assert counted["first", "acquire", "grow"] == 3  # beside the other thread at its acquire, its step and its wait
