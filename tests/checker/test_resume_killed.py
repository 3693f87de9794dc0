"""The crash test: runs are killed at random moments, or interrupted, and resumed; the result is that of an undisturbed run."""

from __future__ import annotations

import random
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from resume_rig import ROUNDS, files
from resume_shell import MODEL, at_checkpoint, at_moment, begin, checkpoints, disturb, explore, number

LONG = 10**6
"""Seconds between checkpoints: only an interrupt writes one."""

KILLS = 3
VIOLATED = ("--variant", "B26", "--scenario", "sweep", "--set", "gc_cycles=2", "--storage", "exact")


@dataclass(frozen=True)
class Whole:
    """An undisturbed run of the model: what it finds, and for how long it runs."""

    result: dict[str, Any]
    duration: float


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    result = explore(*MODEL).result
    began = time.perf_counter()
    assert explore(*MODEL, *checkpoints(tmp_path_factory.mktemp("whole"))).result == result
    return Whole(result, time.perf_counter() - began)


def test_killed_at_random_moments_a_run_still_ends_with_the_same_result(whole: Whole, tmp_path: Path) -> None:
    for round_ in range(ROUNDS):
        rng = random.Random(round_)
        folder = tmp_path / str(round_)
        killed = 0
        for part in rng.sample(range(KILLS), KILLS):  # resumed runs are shorter: those killed late may end before
            moment = at_moment(whole.duration * (part + rng.random()) / KILLS)
            ended = disturb(begin(*MODEL, "--jobs", rng.choice("12"), *checkpoints(folder)), moment, signal.SIGKILL)
            killed += ended is None
            assert ended is None or ended.result == whole.result
        assert killed > 0
        assert explore(*MODEL, *checkpoints(folder)).result == whole.result
        assert len(files(folder)) == 2


def test_killed_after_some_checkpoints_a_run_still_finds_the_same_counterexample(tmp_path: Path) -> None:
    expected = explore(*VIOLATED).result
    assert (expected["exit"], expected["counterexample"]["property"]) == (12, "P19")
    rng = random.Random(26)
    for round_ in range(ROUNDS):
        folder = tmp_path / str(round_)
        killed = 0
        for _ in range(3):
            run = begin(*VIOLATED, "--jobs", rng.choice("12"), *checkpoints(folder))
            ended = disturb(run, at_checkpoint(folder, rng.randrange(1, 9)), signal.SIGKILL)
            killed += ended is None
            assert ended is None or ended.result == expected
        assert killed > 0
        assert number(folder) > 0
        assert explore(*VIOLATED, *checkpoints(folder)).result == expected


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_writes_a_checkpoint_and_the_rest_is_found_by_resuming(
    whole: Whole, sent: int, code: int, tmp_path: Path
) -> None:
    run = begin(*MODEL, *checkpoints(tmp_path, LONG))
    assert run.stderr is not None
    for _ in range(8):
        run.stderr.readline()  # a level is done: the search is under way
    ended = disturb(run, lambda _: None, sent)
    assert ended is not None
    cut = ended.result
    assert (ended.code, cut["verdict"], cut["stopped"], cut["exhaustive"]) == (code, "incomplete", "an interrupt", False)
    assert len(files(tmp_path)) == 1
    resumed = explore(*MODEL, *checkpoints(tmp_path, LONG))
    assert resumed.result == whole.result
    depths = [int(depth) for depth in re.findall(r"^depth (\d+)", resumed.err, re.MULTILINE)]
    assert min(depths) >= cut["depth"] > 1, "it does not begin again"


def test_whenever_an_interrupt_comes_the_code_is_its_own_and_nothing_is_lost(whole: Whole, tmp_path: Path) -> None:
    rng = random.Random(15)
    for i in range(KILLS * ROUNDS):
        folder = tmp_path / str(i)
        part = (i % KILLS + rng.random()) / KILLS
        ended = disturb(begin(*MODEL, *checkpoints(folder, LONG)), at_moment(whole.duration * part), signal.SIGTERM)
        if ended is None:  # before Python itself was ready
            continue
        assert "Traceback" not in ended.err
        assert ended.code in (0, 143)
        searched = ended.code == 143 and ended.out != ""
        assert len(files(folder)) == searched
        if searched:
            assert explore(*MODEL, *checkpoints(folder, LONG)).result == whole.result
