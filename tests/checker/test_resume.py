"""Searches that are stopped or killed again and again end as if nothing had happened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from resume_rig import NEVER, ROUNDS, Case, Searches, newest

from checker.search.breadth_first import Limits, Progress
from checker.search.saving import Saving

STORAGES = ("64", "128", "exact")

CASES = {
    "a scope that closes, with known findings": Case("quick"),
    "fine atomicity": Case("quick", atomicity="fine", depth=90),
    "a violation of an invariant": Case("B11"),
    "a violation of a step, with many known findings": Case("B26", depth=38),
    "all violations": Case("B12", go_on=True),
    "a violation in state 0's successors": Case("B08", go_on=True, depth=12),
    "the benchmark model": Case("pageheap", (("P", 5), ("T", 2), ("H", 1))),
}


@pytest.mark.parametrize("name", CASES)
def test_a_disturbed_search_finds_what_an_undisturbed_one_finds(name: str, tmp_path: Path) -> None:
    searches = Searches(CASES[name])
    inside: list[bool] = []
    for storage in STORAGES:
        searches.storage = storage
        expected = searches.facts(searches.run())
        for repeat in range(2 * ROUNDS):
            rng = random.Random(f"{name} {storage} {repeat}")
            outcome, resumed = searches.disturbed(tmp_path / f"{storage} {repeat}", rng, rng.randrange(2, 7))
            assert searches.facts(outcome) == expected
            inside += resumed
    assert len(inside) >= 6 * ROUNDS
    assert {*inside} == {True, False}, "resumes begin inside a level and between two"


@pytest.mark.parametrize("storage", STORAGES)
def test_a_deeper_bound_goes_on_from_a_smaller_one(storage: str, tmp_path: Path) -> None:
    searches = Searches(Case("pageheap", (("P", 4), ("T", 2), ("H", 1))), storage)
    for depth in (5, 9, 12):
        expected = searches.run(limits=Limits(depth=depth))
        assert (expected.verdict, expected.exhaustive, expected.depth) == ("ok", False, depth)
        found = searches.facts(expected)
        begun: list[Progress] = []
        with Saving(tmp_path, searches.identity(), resume=depth > 5, every=NEVER) as saving:
            outcome = searches.run(limits=Limits(depth=depth), saving=saving, report=begun.append)
        assert searches.facts(outcome) == found
        assert begun[0].depth <= {5: 1, 9: 6, 12: 10}[depth], "the first level is done"
        assert begun[0].depth >= {5: 0, 9: 5, 12: 9}[depth], "those before are not done again"


@pytest.mark.parametrize("storage", STORAGES)
def test_the_memory_of_many_states_is_kept(storage: str, tmp_path: Path) -> None:
    """The visited set has grown, and the search is stopped inside the widest level."""
    searches = Searches(Case("pageheap", (("P", 5), ("T", 2), ("H", 2))), storage)
    expected = searches.facts(searches.run(jobs=2))
    assert (expected["states"], expected["transitions"]) == (311_038, 1_542_144)
    for states in (60_000, 200_000):
        with Saving(tmp_path, searches.identity(), resume=states > 60_000, every=NEVER) as saving:
            assert searches.run(saving=saving, limits=Limits(states=states), jobs=2, rng=random.Random(1)).exit == 20
        meta = newest(tmp_path)
        assert meta is not None
        assert meta["level_at"] > 0
        assert meta["bits"] > 16
    with Saving(tmp_path, searches.identity(), resume=True, every=NEVER) as saving:
        assert searches.facts(searches.run(saving=saving)) == expected
