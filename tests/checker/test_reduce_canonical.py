"""Canonical forms: one for each orbit, and what is renamed behaves as it did."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.reduce import REDUCTIONS
from checker.reduce.canonical import Canonical
from checker.reduce.unordered import multisets

POOL = Path(__file__).parent / "specs" / "pool"
SCOPES = [
    {"workers": 2},
    {"workers": 3, "held": 1},
    {"workers": 2, "nodes": 4, "held": 3, "chains": 0},
    {"workers": 1, "nodes": 4, "held": 3},
]


def pool(settings: dict[str, int], reductions: tuple[str, ...] | None = None, *, atomicity: str = "fine") -> Machine:
    spec = load(POOL)
    return Machine(spec, spec.scenarios["pool"], settings, atomicity=atomicity, reductions=reductions)


def walk(machine: Machine, steps: int, seed: int) -> list[bytes]:
    """States of random runs."""
    pick, out = random.Random(seed), []
    state = machine.initial()
    for _ in range(steps):
        options = [s.state for s in machine.successors(state) if s.thrown is None]
        state = pick.choice(options) if options and pick.random() > 0.01 else machine.initial()
        out.append(state)
    return out


def disguise(machine: Machine, state: bytes, pick: random.Random) -> bytes:
    """The same state with other names, another order of the threads, and other orders in its bags."""
    canonical: Canonical = machine.canonical
    orders = []
    for block in canonical.blocks:
        used = list(range(block.used(state)))
        pick.shuffle(used)
        orders.append((*used, *range(len(used), block.length)))
    state = canonical.renamings.of_names(tuple(orders)).apply(state)
    threads = []
    for group in canonical.groups:
        order = list(range(group.size))
        pick.shuffle(order)
        threads.append(tuple(order))
    state = canonical.renamings.of_threads(tuple(threads)).apply(state)
    if "unordered" in canonical.reductions:
        out = bytearray(state)
        for m in multisets(machine.schema, machine.layout):
            cells = [out[i : i + m.width] for i in range(m.start, m.stop, m.width)]
            pick.shuffle(cells)
            out[m.start : m.stop] = b"".join(cells)
        state = bytes(out)
    return state


@pytest.mark.parametrize("settings", SCOPES, ids=str)
@pytest.mark.parametrize(
    "reductions", [None, ("naming",), ("threads",), ("naming", "threads"), ("naming", "unordered")], ids=str
)
def test_disguised_states_get_one_form(settings: dict[str, int], reductions: tuple[str, ...] | None) -> None:
    machine, pick = pool(settings, reductions), random.Random(1)
    different = 0
    for state in walk(machine, 1000, 2):
        other = disguise(machine, state, pick)
        different += other != state
        assert machine.canonical(other) == machine.canonical(state)
    assert different > 100 or machine.canonical.reductions == ()


@pytest.mark.parametrize("settings", SCOPES, ids=str)
def test_a_form_is_its_own_form(settings: dict[str, int]) -> None:
    machine = pool(settings)
    for state in walk(machine, 1000, 3):
        form = machine.canonical(state)
        assert machine.canonical(form) == form


@pytest.mark.parametrize("settings", SCOPES, ids=str)
def test_disguised_states_have_the_same_successors_and_failures(settings: dict[str, int]) -> None:
    machine, pick = pool({**settings, "most": 1}), random.Random(4)
    failed = 0
    for state in walk(machine, 500, 5):
        other = disguise(machine, state, pick)
        after = [{machine.canonical(s.state) for s in machine.successors(x)} for x in (state, other)]
        assert after[0] == after[1]
        clauses = [sorted(f.clause for f in machine.check(x)) for x in (state, other)]
        assert clauses[0] == clauses[1]
        failed += bool(clauses[0])
    assert failed


def test_what_a_thread_holds_is_not_forgotten() -> None:
    """`stale` of a free node is kept while a local at a scheduling point refers to the node."""
    machine = pool({"workers": 1}, ("forget",))
    kept = 0
    for state in walk(machine, 3000, 6):
        held = machine.canonical.references.held(state, "Node")
        cells = {(n, f): v for r, f, n, _, v in machine.layout.values(state) if r == "Node"}
        after = {(n, f): v for r, f, n, _, v in machine.layout.values(machine.canonical(state)) if r == "Node"}
        for (n, f), v in cells.items():
            forgotten = f == "stale" and not cells[n, "used"] and n not in held
            assert after[n, f] == (0 if forgotten else v)
            kept += f == "stale" and v > 0 and not cells[n, "used"] and n in held
    assert kept


def test_reductions_in_force_are_those_wanted_declared_and_allowed() -> None:
    assert pool({}).canonical.reductions == REDUCTIONS
    assert pool({}, ("naming", "forget")).canonical.reductions == ("forget", "naming")
    assert pool({}, ()).canonical.reductions == ()
    assert pool({"renamed": 0, "workers": 1, "held": 1}).canonical.reductions == ("forget",)


def test_no_reduction_changes_nothing() -> None:
    machine = pool({}, ())
    assert all(machine.canonical(s) == s for s in walk(machine, 200, 7))
