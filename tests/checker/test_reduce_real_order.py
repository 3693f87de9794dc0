"""Counterexamples of an arbitrary order are looked for again in the real one, and reports say what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.cli.main import run
from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise.smallest import smallest
from checker.report.result import result
from checker.report.text import render
from checker.search.breadth_first import BreadthFirst, Limits
from checker.search.outcome import Violation
from checker.search.real_order import DEPENDENT, REAL, UNDECIDED, in_real_order
from checker.search.replay import replay

SPEC = '''
from __future__ import annotations
from typing import Annotated
from spec.language import *

class Sys(Parameters):
    word_bits = parameter(8, hi=64, doc="word")
    gen_bits = parameter(4, hi=32, doc="generation")
    real = parameter(0, hi=1, doc="1: items are visited by index")
    items = parameter(3, hi=6, doc="items")
    reversed = parameter(0, hi=1, doc="1: the last item before the first is a violation; 0: seeing the last one")

sys = Sys()

class Root:
    done: Annotated[list[bool], Size("items")]
    last: Annotated[int, Range(0, 9)]
    bad: bool

def initial(r: Root) -> None:
    pass

def pick(r: Root) -> int:
    """Any item, or the first one, that was not visited."""
    i = choose(range(sys.items), where=lambda i: may(r, i))
    r.done[i] = True
    return i

def may(r: Root, i: int) -> bool:
    if r.done[i]:
        return False
    for j in range(i):
        if sys.real == 1 and not r.done[j]:
            return False
    return True

def visitor(r: Root) -> None:
    for n in range(sys.items):
        i = pick(r)
        r.last = i

def watcher(r: Root) -> None:
    step()
    if sys.reversed == 1:
        r.bad = r.done[sys.items - 1] and not r.done[0]
    else:
        r.bad = r.last == sys.items - 1

@invariant("P1", "nothing bad")
def good(r: Root) -> None:
    check("not seen", not r.bad, last=r.last)

ORDER = RealOrder("real", 1, "pick")
S = Scenario("visits", "an order", Root, initial, (Thread(visitor), Thread(watcher)))
'''


def spec(tmp_path: Path) -> Path:
    where = tmp_path / "visits"
    where.mkdir()
    (where / "__init__.py").write_text(SPEC)
    return where


def found(tmp_path: Path, **settings: int) -> tuple[Machine, Violation]:
    loaded = load(spec(tmp_path))
    machine = Machine(loaded, loaded.scenarios["visits"], settings)
    (violation,) = BreadthFirst(machine, Limits()).run().violations
    return machine, violation


def test_a_real_counterexample_is_found_though_it_takes_more_steps(tmp_path: Path) -> None:
    machine, violation = found(tmp_path)
    assert len(violation.schedule) == 2
    ordered = in_real_order(machine, violation)
    assert ordered is not None
    assert ordered.order == REAL
    assert ordered.violation.schedule == ((0, (0,)), (0, (1,)), (0, (2,)), (1, ()))
    assert len(replay(ordered.machine, ordered.violation.schedule).steps) == 4
    assert machine.parameters["real"] == 0


def test_what_the_real_order_cannot_show_is_order_dependent(tmp_path: Path) -> None:
    machine, violation = found(tmp_path, reversed=1)
    ordered = in_real_order(machine, violation)
    assert ordered is not None
    assert (ordered.order, ordered.violation) == (DEPENDENT, violation)


def test_a_search_that_is_given_up_decides_nothing(tmp_path: Path) -> None:
    machine, violation = found(tmp_path, reversed=1)
    ordered = in_real_order(machine, violation, tries=2)
    assert ordered is not None
    assert ordered.order == UNDECIDED


def test_in_the_real_order_there_is_nothing_to_look_for(tmp_path: Path) -> None:
    machine, violation = found(tmp_path, real=1)
    ordered = in_real_order(machine, violation)
    assert ordered is not None
    assert (ordered.order, ordered.machine) == (REAL, machine)


@pytest.mark.parametrize(
    ("settings", "order", "shortest", "said"),
    [
        ({}, "real", True, "again in the real order, which is shown"),
        ({"reversed": 1}, "dependent", True, "order-dependent: the real order was not found to show it"),
        ({"real": 1}, "real", True, "shortest: yes"),
    ],
    ids=["real", "dependent", "real from the start"],
)
def test_reports_name_the_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, int], order: str, shortest: bool, said: str
) -> None:
    words = ["explore", "--spec", str(spec(tmp_path)), "--no-progress"]
    for key, value in settings.items():
        words += ["--set", f"{key}={value}"]
    assert run([*words, "--format", "json"]) == 12
    shown = json.loads(capsys.readouterr().out)["counterexample"]
    assert (shown["order"], shown["shortest"]) == (order, shortest)
    assert run(words) == 12
    assert said in capsys.readouterr().out


def test_a_spec_without_a_real_order_says_nothing_of_it(tmp_path: Path) -> None:
    where = spec(tmp_path)
    (where / "__init__.py").write_text(SPEC.replace('ORDER = RealOrder("real", 1, "pick")\n', ""))
    loaded = load(where)
    machine = Machine(loaded, loaded.scenarios["visits"], {})
    outcome = BreadthFirst(machine, Limits()).run()
    assert in_real_order(machine, outcome.violations[0]) is None
    trace, _ = smallest(machine, outcome.violations[0], steps=0, shortest=True)
    document = result(machine, outcome, {"total": 1.0, "compile": 0.0}, strict=False, trace=trace)
    assert document["counterexample"]["order"] == ""
    assert "order" not in render(document, trace).splitlines()[2]


POOL = Path(__file__).parent / "specs" / "pool"


@pytest.mark.parametrize(
    ("option", "listed"),
    [
        ([], ["forget", "naming", "threads", "unordered"]),
        (["--reduce", "all"], ["forget", "naming", "threads", "unordered"]),
        (["--reduce", "none"], []),
        (["--reduce", "threads,naming"], ["naming", "threads"]),
    ],
    ids=str,
)
def test_the_option_chooses_reductions_and_results_list_them(
    capsys: pytest.CaptureFixture[str], option: list[str], listed: list[str]
) -> None:
    words = ["explore", "--spec", str(POOL), "--depth", "4", "--no-progress", *option]
    assert run([*words, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["reductions"] == listed
    assert run(words) == 0
    text = capsys.readouterr().out
    assert (f"reductions: {', '.join(listed)}" in text) == bool(listed)


def test_an_unknown_reduction_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explore", "--reduce", "sorting"]) == 2
    assert "forget, naming, threads, unordered" in capsys.readouterr().err
