"""Plain execution: throws, errors of the spec, and declarations that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_rig import HEAD, a_spec

from checker.errors import LanguageError, SpecEvaluationError
from spec.language import runtime


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("step()\n    r.x = 10", r"__init__\.py:{line}: Root.x = 10: outside its declared range 0..9"),
        ("step()\n    r.c[r.x - 1] = 1", r"__init__\.py:{line}: Root.c\[-1\]: index outside"),
        ("step()\n    r.x = r.x // r.x", r"__init__\.py:{line}: ZeroDivisionError"),
        ("step()\n    release(r.lock)", r"__init__\.py:{line}: release\(lock\): f does not hold it"),
    ],
)
def test_an_error_of_the_spec_names_its_line(tmp_path: Path, body: str, said: str) -> None:
    text = f"""
class Root:
    lock: Lock
    x: Annotated[int, Range(0, 9)]
    c: Annotated[list[int], Range(0, 9), Size("items")]

def f(r: Root) -> None:
    {body}
"""
    before = list(runtime._in_force)
    with a_spec(tmp_path, text, "f")("lock")() as run:
        with pytest.raises(SpecEvaluationError, match=said.format(line=HEAD.count("\n") + 9)):
            run.take(0, ())
        assert run.enabled() == []
    assert runtime._in_force == before


@pytest.mark.parametrize("guard", ["r.x // r.x == 0", "step() is None"])
def test_an_error_in_a_guard_names_its_line(tmp_path: Path, guard: str) -> None:
    text = f"""
class Root:
    x: Annotated[int, Range(0, 9)]

def f(r: Root) -> None:
    wait(lambda: {guard})
"""
    with a_spec(tmp_path, text, "f")("lock")() as run:
        with pytest.raises(SpecEvaluationError, match=rf"__init__\.py:{HEAD.count(chr(10)) + 6}: .*what lets f go on"):
            run.enabled()
        with pytest.raises(SpecEvaluationError):
            run.take(0, ())


def test_a_thread_may_change_nothing_before_its_first_point(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9), Racy()]

def f(r: Root) -> None:
    r.x = 1
"""
    begin = a_spec(tmp_path, text, "f")
    with pytest.raises(LanguageError, match=r"changes Root\.x from 0 to 1"):
        begin("lock")()
    with begin("fine")() as run:
        assert run.waiting_at(0) == "store"


def test_a_racy_field_must_name_a_lock_of_the_root(tmp_path: Path) -> None:
    text = """
class Root:
    x: Annotated[int, Range(0, 9), Racy("look")]

def f(r: Root) -> None:
    step()
"""
    with pytest.raises(LanguageError, match="names no lock of Root"):
        a_spec(tmp_path, text, "f")("fine")()


EACH = """
class Worker:
    n: Annotated[int, Range(0, 9)]

class Root:
    workers: Annotated[list[Worker], Size("items")]

def work(r: Root, w: Worker) -> None:
    step()
    w.n += 1
"""


def test_each_gives_one_thread_for_each_record(tmp_path: Path) -> None:
    for items, names in ((2, ["work 0", "work 1"]), (1, ["work"])):
        folder = tmp_path / str(items)
        folder.mkdir()
        begin = a_spec(folder, EACH, 'Thread(work, each="workers")', parameters=f'{{"items": {items}}}')
        with begin("lock")() as run:
            assert [t.name for t in run.threads] == names
            run.take(items - 1, ())
            assert [w.n for w in run.root.workers] == [0] * (items - 1) + [1]


def test_each_must_name_an_array_of_records(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="names no array of records"):
        a_spec(tmp_path, EACH, 'Thread(work, each="worker")')("lock")()
