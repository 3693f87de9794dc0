"""The native machine in what the lowered one settles by the order in which it does things."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.errors import SpecEvaluationError
from checker.load import load
from checker.lowering.machine import Machine
from checker.native.machine import NativeMachine

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Item:
    v: Annotated[int, Range(0, 9)]

class Root:
    x: Annotated[int, Range(0, 9)]
    a: Annotated[list[int], Range(0, 9), Size(80)]
    first: Item | None
    items: Annotated[list[Item], Size(1)]

def initial(r: Root) -> None:
    pass

def count(r: Root) -> None:
    step()
    r.x = 1
    step()
    r.x = 2

def too_far(r: Root) -> None:
    step()
    r.x = 10

def blind(r: Root) -> None:
    wait(lambda: r.first.v == 0)

@invariant("P1", "all ones")
def ones(r: Root) -> None:
    for i in range(80):
        check("even", i % 2 == 1 or r.x == 2)
        check("odd", i % 2 == 0 or r.x == 2)

@invariant("P2", "two")
def two(r: Root) -> None:
    check("two", r.x == 2)
    if r.x == 0:
        check("first", r.first.v == 0)

@invariant("P3", "two")
def sees(r: Root) -> None:
    check("two", r.x == 2)

"""


def machines(folder: Path, threads: str, properties: tuple[str, ...]) -> tuple[Machine, NativeMachine]:
    folder = folder / "a_spec"
    folder.mkdir()
    scenario = f'S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=({threads},))\n'
    (folder / "__init__.py").write_text(HEAD + scenario)
    spec = load(folder)
    chosen = [p for p in spec.properties if p.id in properties]
    lowered = Machine(spec, spec.scenarios["s"], {}, properties=chosen)
    return lowered, NativeMachine(lowered)


def test_the_first_error_is_told(tmp_path: Path) -> None:
    """That of the first thread's step, though the second thread's guard fails before the step is looked at."""
    for machine in machines(tmp_path, "Thread(too_far), Thread(blind)", ()):
        with pytest.raises(SpecEvaluationError, match=r"Root\.x = 10"):
            machine.successors(machine.initial())


def test_a_loop_of_failures_hides_no_other(tmp_path: Path) -> None:
    """There is room for 64 failed clauses; 80 failures of two clauses are two of them."""
    lowered, native = machines(tmp_path, "Thread(count)", ("P1", "P3"))
    state = lowered.initial()
    assert len(lowered.check(state)) == 81
    assert [(f.property, f.clause) for f in native.check(state)] == [(0, "even"), (0, "odd"), (1, "two")]


def test_a_property_that_cannot_be_evaluated_leaves_no_failure_behind(tmp_path: Path) -> None:
    lowered, native = machines(tmp_path, "Thread(count)", ("P2",))
    before = lowered.initial()
    (after,) = native.successors(before)
    (last,) = native.successors(after.state)
    with pytest.raises(SpecEvaluationError, match="a field of None"):
        native.check(before)
    assert native.check(last.state) == ()
