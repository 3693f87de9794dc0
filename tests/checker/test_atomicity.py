"""Lock atomicity and fine atomicity see the same violations, but for those that only an open critical section can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.search.breadth_first import BreadthFirst, Limits

pytestmark = pytest.mark.slow  # seconds each; CI runs them

SPEC = load()
SCOPES: list[tuple[str, Mapping[str, int]]] = [
    ("quick", {}),
    ("physical", {}),
    ("scavenge", {"arena_pages": 4, "heap_alloc_chunk": 4}),
    ("stacks", {"held": 1, "arena_pages": 3, "heap_alloc_chunk": 3}),
    ("reclaim", {"held": 1, "arena_pages": 3}),
    ("lookup", {"held": 1, "arena_pages": 3}),
    ("forced", {"mutators": 1}),
    ("sweep", {"pins": 0, "arena_pages": 2, "heap_alloc_chunk": 2, "spans": 2}),
]


def violated(scenario: str, settings: Mapping[str, int], atomicity: Literal["lock", "fine"]) -> set[tuple[str, str]]:
    """Every property and clause that fails somewhere in the whole scope, findings included."""
    machine = Machine(SPEC, SPEC.scenarios[scenario], settings, atomicity=atomicity, explained=False)
    outcome = BreadthFirst(machine, Limits(states=200_000), go_on=True).run()
    assert outcome.exhaustive
    return {(v.property, v.clause) for v in outcome.violations}


@pytest.mark.parametrize(("scenario", "settings"), SCOPES, ids=[s for s, _ in SCOPES])
def test_both_atomicities_agree(scenario: str, settings: Mapping[str, int]) -> None:
    lock, fine = violated(scenario, settings, "lock"), violated(scenario, settings, "fine")
    known = {(f.property, f.clause) for f in SPEC.findings.values()}
    only_fine = {(f.property, f.clause) for f in SPEC.findings.values() if f.atomicity == "fine"}
    assert lock <= fine
    assert fine - lock <= only_fine
    assert fine <= known
    assert ("P15", "handed out page is not free") not in fine
    assert {p for p, _ in fine - lock} <= {"P15", "P19"}


def test_a_bug_that_needs_an_open_critical_section_is_not_seen_at_lock_atomicity() -> None:
    for name in ("B14", "B17"):
        variant = SPEC.variants[name]
        spec = load(edits=variant.edits)
        machine = Machine(spec, spec.scenarios[variant.scenario], variant.parameters, atomicity="lock")
        assert BreadthFirst(machine, Limits(depth=30)).run().verdict == "ok"
