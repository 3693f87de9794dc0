"""The linear executor against CPython, function by function of a small spec: loops, guards, returns, arithmetic."""

from __future__ import annotations

import random
from functools import lru_cache, partial
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
import z3
from splitting_rig import Outcome, Scene, after, agree, cells_of, outcomes

from checker.frontend.program import Program
from checker.load import load
from checker.symbolic.linear import integer
from checker.symbolic.number import SymbolicError, num
from spec.language.plain import World
from spec.language.schema import Schema

FOLDER = Path(__file__).parent / "specs" / "stores"
SKIPPED = ("initial", "idle", "larger", "note", "set_both", "product")
ROUNDS, FAR = 4, 8


@lru_cache
def stage() -> Scene:
    spec = load(FOLDER)
    spec.parameters.reset({})
    schema = Schema(spec.scenarios["s"].root, spec.parameters, 1)
    return Scene(spec, schema, Program(spec, schema, []))


def functions() -> list[str]:
    made = vars(stage().spec.modules[""]).values()
    names = [f.__name__ for f in made if isinstance(f, FunctionType) and f.__module__ == stage().spec.package]
    return [n for n in names if n not in SKIPPED]


def paths(name: str) -> list[Outcome]:
    def args(memory: Any) -> dict[str, Any]:
        return {"r": num(1), "n": integer(z3.Int("n"), 0, ROUNDS), "k": integer(z3.Int("k"), 0, FAR)}

    ends = [z3.Int("n") >= 0, z3.Int("n") <= ROUNDS, z3.Int("k") >= 0, z3.Int("k") <= FAR]
    return outcomes(stage(), name, args, lambda memory: ends, loop_bound=ROUNDS + 5)


def heap(rng: random.Random) -> World:
    """Random cells, the ends of their ranges often among them."""
    world = World(stage().schema)
    for record, field, number, index, _ in world.cells():
        s = stage().schema.records[record].fields[field].scalar
        assert s is not None
        world.store(record, field, number, index, rng.choice([s.lo, s.hi, rng.randint(s.lo, s.hi)]))
    return world


def compared(name: str, seed: int, cases: int = 60) -> int:
    """Compare on random heaps; the number of paths."""
    found, rng = paths(name), random.Random(seed)
    for _ in range(cases):
        world, n, k = heap(rng), rng.randint(0, ROUNDS), rng.randint(0, FAR)
        before = cells_of(world)
        got = after(partial(stage().call, "." + name, world.root, n, k))
        agree(found, before, cells_of(world), {"n": n, "k": k}, got)
    return len(found)


@pytest.mark.parametrize("name", functions())
def test_a_function_does_what_it_does_in_cpython(name: str) -> None:
    assert compared(name, seed=1) >= 1


@pytest.mark.parametrize("name", ["fill", "fill_between", "fill_twice", "fill_two", "fill_if"])
def test_a_loop_that_only_stores_is_one_store(name: str) -> None:
    assert len(paths(name)) == 1


@pytest.mark.parametrize(
    "name",
    ["count_up", "halves", "turns", "copy", "shift", "stride", "backwards", "one_place", "scatter", "two_in_one", "called"],
)
def test_a_loop_of_which_rounds_differ_is_run_round_by_round(name: str) -> None:
    assert len(paths(name)) > ROUNDS


def test_a_product_of_two_unknown_numbers_is_refused() -> None:
    with pytest.raises(SymbolicError, match="linear"):
        paths("product")
