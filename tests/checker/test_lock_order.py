"""The order in which locks are taken, over all paths of all threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.cli.main import run
from checker.load import load
from checker.lowering.lock_order import cycles
from checker.lowering.machine import Machine

HEAD = """
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")

sys = Sys()

class Part:
    own: Lock

class Root:
    a: Lock
    b: Lock
    c: Lock
    part: Part
    x: Annotated[int, Range(0, 9), Racy("a")]

def initial(r: Root) -> None:
    pass

def inner(r: Root) -> None:
    acquire(r.b)
    r.x = 1
    release(r.b)

"""

ORDERED = ("acquire(r.a)\n    inner(r)\n    release(r.a)", "acquire(r.b)\n    acquire(r.c)\n    release(r.c)\n    release(r.b)")
INVERTED = (ORDERED[0], "acquire(r.b)\n    if r.x == 9:\n        acquire(r.a)\n        release(r.a)\n    release(r.b)")
ONE_AFTER_THE_OTHER = (ORDERED[0], "acquire(r.b)\n    release(r.b)\n    acquire(r.a)\n    release(r.a)")
GIVEN_BACK = (
    ORDERED[0],
    "acquire(r.b)\n    release(r.b)\n    acquire(r.a)\n    release(r.a)\n    acquire(r.b)\n    release(r.b)",
)
NESTED = ("acquire(r.part.own)\n    acquire(r.a)\n    release(r.a)\n    release(r.part.own)", "step()")


def order(folder: Path, left: str, right: str, atomicity: str = "lock") -> dict[tuple[str, str], list[str]]:
    """The pairs, each with the functions of its example."""
    (folder / "a_spec").mkdir()
    (folder / "a_spec" / "__init__.py").write_text(
        f"{HEAD}def left(r: Root) -> None:\n    {left}\n\ndef right(r: Root) -> None:\n    {right}\n\n"
        'S = Scenario(name="s", purpose="", root=Root, initial=initial, threads=(Thread(left), Thread(right)))\n'
    )
    spec = load(folder / "a_spec")
    machine = Machine(spec, spec.scenarios["s"], {}, atomicity=atomicity)
    return {pair: [function for function, _ in position] for pair, position in machine.lock_order().items()}


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_an_order_has_no_cycle(tmp_path: Path, atomicity: str) -> None:
    pairs = order(tmp_path, *ORDERED, atomicity=atomicity)
    assert pairs == {("a", "b"): ["left", "inner"], ("b", "c"): ["right"]}
    assert cycles(pairs) == []


def test_an_inversion_is_found_on_a_path_that_no_schedule_takes(tmp_path: Path) -> None:
    pairs = order(tmp_path, *INVERTED)
    assert pairs == {("a", "b"): ["left", "inner"], ("b", "a"): ["right"]}
    assert cycles(pairs) == [("a", "b")]


@pytest.mark.parametrize(("left", "right"), [ONE_AFTER_THE_OTHER, GIVEN_BACK])
def test_a_lock_that_was_given_back_is_not_held(tmp_path: Path, left: str, right: str) -> None:
    assert list(order(tmp_path, left, right)) == [("a", "b")]


def test_locks_of_other_records_do_not_count(tmp_path: Path) -> None:
    assert order(tmp_path, *NESTED) == {}


def test_cycles_begin_with_their_least_lock_and_are_told_once() -> None:
    assert cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]) == [("a", "b", "c")]
    assert cycles([("x", "x"), ("b", "a"), ("a", "b")]) == [("a", "b"), ("x",)]
    assert cycles([("a", "b"), ("b", "c"), ("a", "c")]) == []


def test_the_heap_s_locks_have_an_order() -> None:
    spec = load()
    pairs = {pair for s in spec.scenarios.values() for pair in Machine(spec, s, {}).lock_order()}
    assert cycles(pairs) == []


def test_a_cycle_is_shown_in_every_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order(tmp_path, *INVERTED)
    assert run(["explore", "--spec", str(tmp_path / "a_spec"), "--depth", "1", "--no-progress"]) == 0
    assert "lock order: a -> b -> a, each taken while" in capsys.readouterr().out
