"""A deadlock says who waits for what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.cli.main import run

LITMUS = str(Path(__file__).parent / "specs" / "liveness")


def explored(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and output of a search."""
    code = run(["explore", "--spec", LITMUS, "--no-progress", *words])
    return code, capsys.readouterr().out


def test_two_locks_taken_in_opposite_order(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = explored(capsys, "--scenario", "circle", "--format", "json")
    found = json.loads(out)
    shown = found["counterexample"]
    assert code == found["exit"] == 11
    assert shown["witness"] == {
        "first": "waits for inner.lock, held by second",
        "second": "waits for a, held by first",
        "watcher": "waits until r.done and (not r.done)",
        "idler": "rests until r.done and (not r.done)",
    }
    assert shown["waiting"][0] == {
        "thread": "first",
        "at": "acquire",
        "source": "liveness/circle.py:32",
        "go": "proc.go:first",
        "lock": "inner.lock",
        "holder": "second",
        "condition": None,
    }
    assert [w["at"] for w in shown["waiting"]] == ["acquire", "acquire", "wait", "rest"]
    assert shown["lock_cycle"] == ["first", "second"]
    assert next(p for p in found["properties"] if p["id"] == "P26")["witness"] == shown["witness"]


def test_the_text_says_it_and_shows_the_circle(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explored(capsys, "--scenario", "circle")
    assert "  second      waits for a, held by first\n              liveness/circle.py:41\n" in out
    assert "in a circle: first -> second -> first" in out
    assert out.splitlines()[0] == "circle: deadlock: P26 no deadlock: no thread can step, and not all rest"


def test_other_violations_wait_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = explored(capsys, "--scenario", "gate", "--format", "json")
    shown = json.loads(out)["counterexample"]
    assert (shown["waiting"], shown["lock_cycle"]) == ([], [])
