"""The heap's own declarations: in every scenario the reduced search is the quotient of the one without reductions."""

from __future__ import annotations

import pytest

from checker.load import load
from checker.lowering.machine import Machine
from checker.reduce.quotient import quotient

DEPTHS = {"default": 6, "scavenge": 10, "quick": 20}
SCENARIOS = list(load().scenarios)


def machine(scenario: str, *, reduced: bool) -> Machine:
    spec = load()
    return Machine(spec, spec.scenarios[scenario], {}, reductions=None if reduced else ())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_quotient_is_exact(scenario: str) -> None:
    found = quotient(machine(scenario, reduced=False), machine(scenario, reduced=True), DEPTHS.get(scenario, 8))
    assert found.exact


def test_two_mutators_may_be_exchanged() -> None:
    found = quotient(machine("default", reduced=False), machine("default", reduced=True), 6)
    assert found.forms < 0.7 * found.states
