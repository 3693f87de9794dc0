"""Native execution agrees with the others on small specs, and the comparison sees every bug planted in its printers."""

from __future__ import annotations

import re
from pathlib import Path

import native_bugs
import native_bugs_of_observers
import native_bugs_of_threads
import pytest
from planting import Planted

from checker.differential import Atomicity, Comparison
from checker.load import load

pytestmark = pytest.mark.slow

SPECS = Path(__file__).parent / "specs"
SPEC = {"errors": SPECS / "edges", "threads": SPECS / "edges"}
"""Of the scenarios that are not in `corners`."""

BUGS = {**native_bugs.BUGS, **native_bugs_of_threads.BUGS, **native_bugs_of_observers.BUGS}


def comparison(scenario: str, atomicity: Atomicity) -> Comparison:
    folder = SPEC.get(scenario, SPECS / "corners")
    return Comparison(load(folder), load(folder), scenario, {}, atomicity, native=True)


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_errors_are_told_in_the_same_words(atomicity: Atomicity) -> None:
    made = comparison("errors", atomicity)
    assert made.first_difference(150, seed=1) is None
    assert made.tally.native is not None
    assert made.tally.native.errors > 80
    assert made.tally.native.throws > 3


@pytest.mark.parametrize("atomicity", ["lock", "fine"])
def test_findings_locks_and_thread_numbers(atomicity: Atomicity) -> None:
    made = comparison("threads", atomicity)
    assert made.first_difference(1500, seed=1) is None
    assert made.tally.checks > 5
    seen = made.tally.native
    assert seen is not None
    assert seen.failures > 50
    assert seen.explained > 3


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS.keys())
def test_a_planted_bug_is_seen(bug: Planted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path))  # neither taken from the user's cache nor left there
    bug.plant(monkeypatch)
    difference = comparison(bug.scenario, bug.atomicity).first_difference(400, seed=1)
    assert difference is not None
    assert re.match(rf"{bug.scenario} at {bug.atomicity} atomicity, after step \d+ \(.*\): .*native", difference, re.S)
    assert re.search(bug.said, difference), difference
