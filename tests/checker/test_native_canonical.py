"""Native canonical forms are those of the reference, byte for byte, and differences would be seen."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from canonical_rig import FAILED, Form, Forms, compiled, corrupted, reduced, reference_form, shared, successors

from checker.load import load
from checker.lowering.machine import Machine
from checker.native import canonical as tables
from checker.native import movements, thread_keys
from checker.native.jit import QUICK, Code
from checker.native.kernels import exchange, forget, individual, keys, naming, unordered
from checker.native.kernels.canon import Canon, Part, Row
from checker.native.kernels.language import Struct, Word, kernel, u8, u16
from checker.native.words import Words
from checker.reduce import REDUCTIONS
from checker.reduce import canonical as reference

HEAP = load()
SPECS = Path(__file__).parent / "specs"
SUBSETS = [names for n in range(len(REDUCTIONS) + 1) for names in combinations(REDUCTIONS, n)]
POOLS = [
    {"workers": 2},
    {"workers": 3, "held": 1},
    {"workers": 4, "nodes": 5},
    {"workers": 2, "nodes": 4, "held": 3, "chains": 0},
    {"workers": 1, "nodes": 4, "held": 3},
]
MEDLEYS = [{}, {"workers": 3, "clerks": 1}, {"nodes": 2, "leaves": 5, "clerks": 3}, {"workers": 1, "nodes": 2, "leaves": 3}]


@lru_cache
def machine_of(scenario: str, settings: tuple[tuple[str, int], ...]) -> Machine:
    spec = load(SPECS / ("pool" if scenario == "pool" else "medley"))
    return Machine(spec, spec.scenarios[scenario], dict(settings), atomicity="fine")


def machine(scenario: str, settings: dict[str, int]) -> Machine:
    return machine_of(scenario, tuple(settings.items()))


@lru_cache
def states_of(machine: Machine, steps: int, seed: int) -> list[bytes]:
    """Successors along random walks, each followed by a corrupted one."""
    pick = random.Random(seed)
    return [s for state in successors(machine, steps, seed) for s in (state, corrupted(machine, state, pick))]


reduced_once = lru_cache(reduced)


@lru_cache(None)
def right_form(machine: Machine, state: bytes) -> Form:
    return reference_form(machine, state)


def wrong_forms(forms: Forms, states: list[bytes]) -> int:
    return sum(not forms.agree(s) for s in states)


QUICKLY = {"quick"}
"""Scenarios whose fine steps are compiled in the quick tier too."""

HEAPS = [
    pytest.param(s, a, marks=pytest.mark.slow if a == "fine" and s not in QUICKLY else ())
    for s in HEAP.scenarios
    for a in ("lock", "fine")
]


@pytest.mark.parametrize(("scenario", "atomicity"), HEAPS)
def test_all_scenarios_of_the_heap(scenario: str, atomicity: str) -> None:
    forms = Forms(Machine(HEAP, HEAP.scenarios[scenario], {}, atomicity=atomicity))
    states = states_of(forms.machine, 60, 1)
    assert not wrong_forms(forms, states)
    assert any(forms.reference(s) != s for s in states)


@pytest.mark.parametrize(
    ("scenario", "settings", "steps"),
    [*(("pool", s, 40) for s in POOLS), *(("medley", s, 3) for s in MEDLEYS), ("clerks", {}, 3)],
    ids=str,
)
def test_each_subset_of_reductions(scenario: str, settings: dict[str, int], steps: int) -> None:
    whole = machine(scenario, settings)
    states = states_of(whole, steps, 2)
    for names in SUBSETS:
        forms = Forms(reduced(whole, names))
        assert not wrong_forms(forms, states), names
        assert forms.machine.canonical.reductions == () or any(forms.reference(s) != s for s in states)


@pytest.mark.parametrize("level", [0, 2])
def test_any_optimisation(level: int) -> None:
    whole = machine("medley", {})
    assert not wrong_forms(Forms(whole, shared(level)), states_of(whole, 4, 4))


def test_a_spec_without_reductions() -> None:
    loaded = load(SPECS / "corners")
    for scenario in loaded.scenarios.values():
        forms = Forms(Machine(loaded, scenario, {}))
        assert all(forms.native(s) == s for s in successors(forms.machine, 10, 5))


@pytest.mark.parametrize("most", [1, 7])
@pytest.mark.parametrize(("spec", "settings"), [("pool", POOLS[2]), ("medley", MEDLEYS[0])], ids=str)
def test_the_bound_of_forms(spec: str, settings: dict[str, int], most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all forms are compared, they are the same ones."""
    whole = machine(spec, settings)
    states = states_of(whole, 6, 6)
    unbounded = [Forms(whole).reference(s) for s in states]
    monkeypatch.setattr(reference, "FORMS", most)
    forms = Forms(whole)
    assert not wrong_forms(forms, states)
    assert (spec, most) != ("medley", 1) or [forms.reference(s) for s in states] != unbounded


def test_a_condition_that_ends_with_an_error_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    forms = Forms(machine("medley", {}))
    asked: list[int] = []

    def when(rule: int, state: int, number: int) -> int:
        asked.append(number)
        return FAILED << 1 if len(asked) == 3 else 1

    monkeypatch.setattr(forms, "_condition", type(forms._condition)(when))
    stopped = 0
    for state in states_of(forms.machine, 6, 2):
        asked.clear()
        said = forms.native(state)
        assert (said == FAILED) == (len(asked) == 3)
        stopped += said == FAILED
    assert stopped


@pytest.mark.parametrize("spec", ["pool", "medley"])
def test_nothing_beyond_the_state_is_loaded(spec: str) -> None:
    forms = Forms(machine(spec, {}))
    canon, seen = Words(Canon, forms.tables.address), 0
    for at in range(canon["rows"], canon["rows_stop"], Row.sizeof()):
        row = Words(Row, at)
        for part in (Words(Part, p) for p in range(row["parts"], row["parts_stop"], Part.sizeof())):
            assert part["at"] + 8 <= canon["size"]
            assert part["at"] + part["shift"] // 8 == part["first"]
            assert part["shift"] + 8 * part["length"] <= 64
            seen += 1
    assert seen


class Planted:
    """Kernels that are wrong, each under the name of a right one."""

    @kernel
    def is_held(k: Canon, state: Word, kind: Word, number: Word) -> Word:  # noqa: N805
        return 0

    @kernel
    def sort_bytes(start: Word, length: Word, below: Word) -> Word:  # noqa: N805
        for i in range(1, length):
            moving = u8[start + i]
            j = start + i
            while j > start and u8[j - 1] > moving:
                u8[j] = u8[j - 1]
                j -= 1
            u8[j] = moving
        return 0

    @kernel
    def next_permutation(at: Word, length: Word) -> Word:  # noqa: N805
        return 0

    @kernel
    def refer(k: Canon, state: Word, scratch: Word, rest: Word, count: Word) -> Word:  # noqa: N805
        return 0

    @kernel
    def sort_nameless(k: Canon, scratch: Word, rest: Word, count: Word) -> Word:  # noqa: N805
        return count

    @kernel
    def holds_something(row: Row, state: Word) -> Word:  # noqa: N805
        return row.number > 1

    @kernel
    def name_roots(k: Canon, state: Word, scratch: Word) -> Word:  # noqa: N805
        return 0

    @kernel
    def clear(k: Canon, row: Row, state: Word) -> Word:  # noqa: N805
        u16[state] = 0
        return 0


KERNELS: list[tuple[Any, str]] = [
    (forget, "is_held"),
    (forget, "holds_something"),
    (forget, "clear"),
    (unordered, "sort_bytes"),
    (exchange, "next_permutation"),
    (individual, "refer"),
    (individual, "sort_nameless"),
    (naming, "name_roots"),
]


def is_seen(code: Code | None = None) -> bool:
    """Whether some state shows that native forms are wrong now."""
    cases = [("pool", POOLS[2], 40), ("clerks", {"nodes": 2}, 80), ("medley", {"nodes": 2}, 150)]
    for (scenario, settings, steps), names in product(cases, (REDUCTIONS, ("threads", "unordered"))):
        whole = machine(scenario, settings)
        right = reduced_once(whole, names)
        forms = Forms(right, code)
        if any(forms.native(s) != right_form(right, s) for s in states_of(whole, steps, 11)):
            return True
    return False


@pytest.mark.parametrize(("module", "name"), KERNELS, ids=[name for _, name in KERNELS])
def test_a_wrong_kernel_is_seen(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in {module, unordered, keys}:
        if name in vars(user):
            monkeypatch.setattr(user, name, vars(Planted)[name])
    assert is_seen(compiled(QUICK))


FIELDS: list[tuple[Any, str, str, Callable[[dict[str, int]], int]]] = [
    (tables, "Row", "anyway", lambda v: 1),
    (tables, "Row", "anyway", lambda v: 0),
    (tables, "Row", "rule", lambda v: 0),
    (tables, "Array", "cells", lambda v: v["cells"] - 1),
    (tables, "Type", "roots", lambda v: v["roots"] + 4),
    (tables, "Type", "places", lambda v: v["places_stop"]),
    (tables, "Shown", "owner", lambda v: 0),
    (tables, "Canon", "second", lambda v: v["second_stop"]),
    (tables, "Canon", "links", lambda v: v["all_links"]),
    (tables, "Canon", "all_links", lambda v: v["links"]),
    (tables, "Canon", "inner", lambda v: v["links"]),
    (tables, "Canon", "entangled", lambda v: 0),
    (tables, "Canon", "outside", lambda v: v["outside_stop"]),
    (tables, "Canon", "bags", lambda v: v["bags_stop"]),
    (thread_keys, "Group", "spots", lambda v: v["spots_stop"]),
    (thread_keys, "Group", "plain", lambda v: v["width"]),
    (thread_keys, "Member", "threads", lambda v: v["threads_stop"]),
    (movements, "Axis", "numbers", lambda v: 0),
    (movements, "Axis", "width", lambda v: v["width"] - 1),
    (movements, "Kind", "places", lambda v: v["places_stop"]),
]


@pytest.mark.parametrize(("module", "kind", "field", "wrong"), FIELDS, ids=[f"{k}.{f}" for _, k, f, _ in FIELDS])
def test_a_wrong_table_is_seen(
    module: Any, kind: str, field: str, wrong: Callable[[dict[str, int]], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = module.fields

    def fields(of: type[Struct], **values: int) -> list[int]:
        made: list[int] = right(of, **values)
        if of.__name__ == kind:
            made[of.fields.index(field)] = wrong(values)
        return made

    monkeypatch.setattr(module, "fields", fields)
    assert is_seen()
