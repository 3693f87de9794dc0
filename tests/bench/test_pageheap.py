"""The benchmark model in the language of the spec: counts, levels, and planted bugs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from definition import COUNTS, brute_force

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.native import NativeSearch
from checker.search.outcome import Outcome
from checker.search.replay import replay
from spec.language import Edit

pytestmark = pytest.mark.slow

PAGEHEAP = Path(__file__).with_name("pageheap")


def explore(p: int, t: int, h: int, edits: tuple[Edit, ...] = ()) -> tuple[Machine, Outcome]:
    spec = load(PAGEHEAP, edits)
    machine = Machine(spec, spec.scenarios["pageheap"], {"P": p, "T": t, "H": h})
    return machine, BreadthFirst(machine, Limits()).run()


def natively(p: int, t: int, h: int, *, storage: str = "64", jobs: int = 1) -> Outcome:
    spec = load(PAGEHEAP)
    machine = Machine(spec, spec.scenarios["pageheap"], {"P": p, "T": t, "H": h})
    return NativeSearch(machine, Limits(), storage=storage, jobs=jobs).run()


ENGINES: dict[str, Callable[[int, int, int], Outcome]] = {
    "python": lambda p, t, h: explore(p, t, h)[1],
    "native": natively,
}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("storage", ["64", "128", "exact"])
@pytest.mark.parametrize(("size", "states", "transitions"), [c.values for c in COUNTS])
def test_the_native_counts_do_not_depend_on_storage_or_jobs(
    size: tuple[int, int, int], states: int, transitions: int, storage: str, jobs: int
) -> None:
    outcome = natively(*size, storage=storage, jobs=jobs)
    assert (outcome.verdict, outcome.exhaustive) == ("ok", True)
    assert (outcome.states, outcome.transitions) == (states, transitions)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("size", "states", "transitions"), COUNTS)
def test_the_counts_are_those_of_the_definition(engine: str, size: tuple[int, int, int], states: int, transitions: int) -> None:
    outcome = ENGINES[engine](*size)
    assert (outcome.verdict, outcome.exhaustive) == ("ok", True)
    assert (outcome.states, outcome.transitions) == (states, transitions)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", [(1, 1, 1), (3, 1, 1), (3, 2, 1), (4, 1, 2)])
def test_every_level_has_the_size_that_the_definition_gives(engine: str, size: tuple[int, int, int]) -> None:
    outcome = ENGINES[engine](*size)
    assert (outcome.levels, outcome.transitions) == brute_force(*size)


PLANTED = {
    "the later neighbour is not joined": (
        Edit("operations.free", "if end < sys.P and r.kind[end] == FREE:", "if end > sys.P:"),
        ("I2", "the next span is not free"),
    ),
    "each page is entered as its own span": (
        Edit("operations.allocate", "r.h[i] = b + 1", "r.h[i] = i + 1"),
        ("I1", "the last page finds the span"),
    ),
    "allocation forgets the statistic": (
        Edit("operations.allocate", "    r.released -= r.rel[b]\n", ""),
        ("I3", "released is the sum over the spans"),
    ),
    "the scavenger rounds outward": (
        Edit("state.whole", "(p + sys.PHYS - 1) & -sys.PHYS", "p & -sys.PHYS"),
        ("I4", "released pages are whole"),
    ),
    "a collection begins before the sweep is done": (
        Edit("actions.gc_start", " and swept(r)", ""),
        ("I5", "swept while marking"),
    ),
    "two spans are swept at once": (
        Edit("actions.sweep_begin", " and idle(r)", ""),
        ("I5", "one span is being swept"),
    ),
    "mark termination misses a root": (
        Edit("operations.mark_termination", "r.own[p] != 0 else", "r.own[p] > 1 else"),
        ("I6", "an unmarked span has no holder"),
    ),
    "stacks are dropped like objects": (
        Edit("actions.drop", " and r.kind[p] == IN_USE", ""),
        ("I6", "a stack has a holder"),
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_breaks_its_invariant_first(bug: str) -> None:
    edit, expected = PLANTED[bug]
    machine, outcome = explore(4, 2, 1, (edit,))
    assert outcome.verdict == "violation"
    found = outcome.violations[0]
    assert (found.property, found.clause) == expected
    assert len(replay(machine, found.schedule).steps) == outcome.depth


def test_a_physical_page_that_is_no_power_of_two_is_refused() -> None:
    spec = load(PAGEHEAP)
    with pytest.raises(Exception, match="PHYS=3 is no power of two"):
        Machine(spec, spec.scenarios["pageheap"], {"PHYS": 3})
