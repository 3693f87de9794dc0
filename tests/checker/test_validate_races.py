"""What the format leaves open about unlocked events is accepted, and no more: real logs, with another thread put in.

The logs that there are hold few races: their threads hardly ever sweep at the same time. So these tests make
some: they give sweeps of a real log to a second thread, in every order that two threads could have recorded.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from checker.load import load
from checker.validate import LogVerdict
from checker.validate.log import Event, Log, read
from checker.validate.replay import Validator

TRACES = os.environ.get("CHECKER_TRACES", "")
OTHER = 99
NEEDS = pytest.mark.skipif(not TRACES, reason="set CHECKER_TRACES to the folder of the large logs")
RECLAIM = 2414
"""An event reclaim_begin of the log `reclaims`; then spans 49 and 52 of one list are swept and kept."""


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(load())


def reclaims() -> Log:
    return read(Path(TRACES) / "a_large-64k-p2-os20.jsonl.gz")


def judged(validator: Validator, log: Log, events: Iterable[Event]) -> LogVerdict:
    return validator.judge(Log(log.path, log.header, [{**e, "seq": n} for n, e in enumerate(events)]))


def sweeps_beside(events: list[Event], at: int, count: int, rng: random.Random) -> list[Event]:
    """``count`` sweeps from event ``at`` on, done by two threads at once: each takes the next index when it is ready."""
    todo = [events[i : i + 3] for i in range(at, at + 3 * count, 3)]
    queues: dict[int, list[Event]] = {events[at]["m"]: [], OTHER: []}
    out: list[Event] = []
    while todo or any(queues.values()):
        m = rng.choice(list(queues))
        if queues[m]:
            out.append(queues[m].pop(0))
        elif todo:
            queues[m] = [{**e, "m": m} for e in todo.pop(0)]
    return out


def run_of_sweeps(events: list[Event], length: int) -> int:
    """Where the first run of that many sweeps by one thread begins, beside a running world, that keep their spans."""
    stopped = False
    for i, e in enumerate(events):
        if e["ev"].startswith("stw_"):
            stopped = e["ev"] == "stw_stop"
        run = events[i : i + 3 * length]
        kinds = [x["ev"] for x in run]
        if not stopped and kinds == ["sweepone", "sweep_begin", "sweep_end"] * length and len({x["m"] for x in run}) == 1:
            return i
    raise AssertionError("no such run")


@NEEDS
@pytest.mark.parametrize("seed", range(12))
def test_two_threads_may_report_their_indices_in_either_order(validator: Validator, seed: int) -> None:
    log = read(Path(TRACES) / "b_mixed-4k-p2-small.jsonl.gz")
    at = run_of_sweeps(log.events, 12)
    mixed = sweeps_beside(log.events, at, 12, random.Random(seed))
    assert [e["ev"] for e in mixed] != [e["ev"] for e in log.events[at : at + 36]]
    verdict = judged(validator, log, [*log.events[:at], *mixed, *log.events[at + 36 :]])
    assert (verdict.verdict, verdict.first_refused) == ("ok", None)


@NEEDS
def test_an_index_that_nobody_takes_is_refused_at_the_next(validator: Validator) -> None:
    log = read(Path(TRACES) / "b_mixed-4k-p2-small.jsonl.gz")
    at = run_of_sweeps(log.events, 12)
    bad = judged(validator, log, [*log.events[:at], *log.events[at + 3 :]]).first_refused
    assert bad is not None
    assert (bad["seq"], bad["event"], bad["field"]) == (at, "sweepone", "idx")


@NEEDS
def test_a_thread_may_not_keep_two_indices_to_itself(validator: Validator) -> None:
    log = read(Path(TRACES) / "b_mixed-4k-p2-small.jsonl.gz")
    at = run_of_sweeps(log.events, 3)
    first, second = ([{**e, "m": OTHER} for e in log.events[i : i + 3]] for i in (at, at + 3))
    third = log.events[at + 6 : at + 9]
    bad = judged(validator, log, [*log.events[:at], *third, *first, *second, *log.events[at + 9 :]]).first_refused
    assert bad is not None
    assert bad["seq"] == at


def reclaim_beside(log: Log, where: dict[str, int]) -> list[Event]:
    """The first sweep of the reclaim is done by another thread, its two events just before those of the reclaim's thread.

    ``where`` gives the distance from reclaim_begin: 0 is before it, 1 between it and the next reclaim_unlock, 2 behind.
    """
    head, begin, other, unlock = (
        log.events[:RECLAIM],
        log.events[RECLAIM],
        [{**e, "m": OTHER} for e in log.events[RECLAIM + 2 : RECLAIM + 4]],
        log.events[RECLAIM + 5],
    )
    assert (begin["ev"], [e["ev"] for e in other], unlock["ev"]) == (
        "reclaim_begin",
        ["sweep_begin", "sweep_end"],
        "reclaim_unlock",
    )
    out = list(head)
    for place, mine in ((0, begin), (1, unlock), (2, None)):
        out += [e for e in other if where.get(e["ev"]) == place]
        out += [mine] if mine is not None else []
    return out


@NEEDS
@pytest.mark.parametrize(
    ("begin", "end"), [(0, 1), (0, 2), (1, 1), (1, 2), (2, 2)], ids=lambda place: ("before", "between", "behind")[place]
)
def test_reclaim_passes_over_a_span_that_another_thread_may_be_sweeping(validator: Validator, begin: int, end: int) -> None:
    log = reclaims()
    events = reclaim_beside(log, {"sweep_begin": begin, "sweep_end": end})
    verdict = judged(validator, log, events)
    assert verdict.first_refused is None or verdict.first_refused["event"] == "end of log"


@NEEDS
@pytest.mark.parametrize(
    "where", [{}, {"sweep_begin": 0, "sweep_end": 0}], ids=["nobody sweeps it", "it was swept before the look"]
)
def test_reclaim_does_not_pass_over_a_span_without_a_reason(validator: Validator, where: dict[str, int]) -> None:
    log = reclaims()
    bad = judged(validator, log, reclaim_beside(log, where)).first_refused
    assert bad is not None
    assert bad["event"] == "reclaim_unlock"


@NEEDS
@pytest.mark.parametrize(
    ("name", "event", "field"),
    [("B11", "reclaim_lock", "n"), ("B11b", "reclaim_lock", "n"), ("B29", "snap_span", "span_sweepgen")],
)
def test_a_variant_of_reclaim_or_sweep_refuses_a_log_that_shows_the_difference(name: str, event: str, field: str) -> None:
    bad: Any = Validator(load(None, load().variants[name].edits)).judge(reclaims()).first_refused
    assert (bad["event"], bad["field"]) == (event, field)
