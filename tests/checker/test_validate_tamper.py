"""A sample of the negative control; ``python -m tests.checker.tamper`` runs all of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tamper import CONTROL, accepted

from checker.load import load
from checker.validate.log import Log, read
from checker.validate.replay import Validator


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(load())


@pytest.fixture(scope="module")
def log() -> Log:
    return read(CONTROL)


@pytest.mark.parametrize("seed", [11, 12])
def test_changed_values_are_refused_but_for_inputs_that_the_format_leaves_open(
    validator: Validator, log: Log, seed: int
) -> None:
    missed = accepted(validator, log, "value", 100, seed)
    assert len(missed) <= 1, [t.what for t in missed]
    assert all(t.reason for t in missed)


def test_dropped_and_swapped_locked_events_are_refused(validator: Validator, log: Log) -> None:
    assert [t.what for t in accepted(validator, log, "structure", 150, 13)] == []


def test_every_change_of_frees_allocations_scavenged_spans_and_counters_is_refused(validator: Validator, log: Log) -> None:
    assert [t.what for t in accepted(validator, log, "core", 150, 14)] == []


TRACES = os.environ.get("CHECKER_TRACES", "")


@pytest.mark.skipif(not TRACES, reason="set CHECKER_TRACES to the folder of the large logs")
@pytest.mark.parametrize("kind", ["reclaim", "sweep"])
def test_every_change_of_reclaim_and_every_sweep_left_out_is_refused(validator: Validator, kind: str) -> None:
    log = read(Path(TRACES) / "a_large-64k-p2-os20.jsonl.gz")
    assert [t.what for t in accepted(validator, log, kind, 60, 15)] == []
