"""Following a stored trace: exactly on its own spec, by names on a changed one, with the first place where they part."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from checker.cli.main import run
from checker.load import load
from checker.lowering.machine import Machine
from checker.minimise.smallest import smallest
from checker.search.breadth_first import BreadthFirst, Limits
from checker.trace.again import again, reproduced
from checker.trace.itf import itf
from checker.trace.trace import Trace

SHELF = Path(__file__).parent / "specs" / "shrink"
HEAP = Path(__file__).parents[2] / "spec"


def found(folder: Path, scenario: str, **settings: int) -> Trace:
    """The trace of the first violation, as it was found."""
    spec = load(folder)
    m = Machine(spec, spec.scenarios[scenario], settings)
    return smallest(m, BreadthFirst(m, Limits(states=100_000)).run().violations[0], steps=0, shortest=True)[0]


def changed(tmp_path: Path, *edits: tuple[str, str]) -> Path:
    """A copy of the shelf with some of its text replaced."""
    folder = tmp_path / "shrink"
    text = (SHELF / "__init__.py").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    folder.mkdir()
    (folder / "__init__.py").write_text(text)
    return folder


def replayed(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> tuple[int, dict[str, object]]:
    code = run(["replay", str(path), "--format", "json", *words])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "trace.itf.json"
    path.write_text(itf(found(SHELF, "full")))
    return path


def test_on_its_own_spec_it_happens_again_exactly(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, r = replayed(capsys, stored, "--spec", str(SHELF))
    assert (code, r["verdict"], r["same_spec"], r["followed"], r["parting"]) == (12, "reproduced", True, 2, None)


HARMLESS = {
    "a renamed local": [
        ("cell, amount = choose", "place, load = choose"),
        ("put(h, w, cell, amount)\n\n", "put(h, w, place, load)\n\n"),
    ],
    "a new field": [("    open: bool\n", "    open: bool\n    colour: Annotated[int, Range(0, 3)]\n")],
    "a renamed field": [("w.seen", "w.looked"), ("    seen:", "    looked:")],
    "a renamed function": [("def put(", "def lay_down("), ("    put(h", "    lay_down(h")],
    "another line": [('"""A shelf', '"""\n\n\nA shelf')],
    "a new parameter": [
        ("bounds = Bounds()", "bounds = Bounds()"),
        ("    full = ", '    spare = parameter(1, doc="none")\n    full = '),
    ],
    "a new thread": [("Thread(ticker))\nRACE", "Thread(ticker), Thread(closer))\nRACE")],
}


@pytest.mark.parametrize("edits", HARMLESS.values(), ids=HARMLESS)
def test_after_a_harmless_change_it_still_happens(
    edits: list[tuple[str, str]], stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, r = replayed(capsys, stored, "--spec", str(changed(tmp_path, *edits)))
    assert (code, r["verdict"], r["same_spec"]) == (12, "reproduced", False)


def test_after_a_repair_all_steps_are_taken_and_nothing_is_violated(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, r = replayed(capsys, stored, "--spec", str(changed(tmp_path, ("+= amount\n", "+= min(amount, 1)\n"))))
    assert (code, r["verdict"], r["followed"], r["counterexample"]) == (0, "not reproduced", 2, None)


def test_a_guard_that_refuses_is_named(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, r = replayed(capsys, stored, "--spec", str(changed(tmp_path, ("h.cell[c] + a < 60", "h.cell[c] + a < 3"))))
    assert (code, r["verdict"], r["followed"]) == (20, "parted", 0)
    refused = r["refused"]
    assert isinstance(refused, dict)
    assert (refused["step"], refused["thread"]) == (1, "worker 0")
    assert refused["guard"] == "needs a choice where h.cell[c] + a < 3, not with cell=0, amount=3"
    assert run(["replay", str(stored), "--spec", str(tmp_path / "shrink")]) == 20
    assert "first refused: step 1 (worker 0): needs a choice" in capsys.readouterr().out


def test_a_step_more_is_taken_by_the_way(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, r = replayed(
        capsys, stored, "--spec", str(changed(tmp_path, ("    acquire(h.lock)\n", "    step()\n    acquire(h.lock)\n")))
    )
    assert (code, r["verdict"], r["followed"], r["extra"]) == (12, "reproduced", 2, 1)
    parting = r["parting"]
    assert isinstance(parting, dict)
    assert (parting["step"], parting["seen"]) == (2, "step in put")


def test_something_else_that_is_violated_is_said(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edits = ("    h.cell[cell] += amount\n", '    throw_if(amount > 2, "too heavy")\n    h.cell[cell] += amount\n')
    code, r = replayed(capsys, stored, "--spec", str(changed(tmp_path, edits)))
    assert (code, r["verdict"]) == (14, "violated otherwise")


def test_a_scenario_that_is_gone_is_an_error_with_its_name(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = replayed(capsys, stored, "--spec", str(changed(tmp_path, ('scenario("full"', 'scenario("filled"'))))
    assert code == 150


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        (("#meta", "clause"), "another", "to violate X1 'another', seen X1 'less than full'"),
        (("states", 2, "#meta", "thread"), "worker 1", "step 2 of 'worker 1'"),
    ],
    ids=["clause", "thread"],
)
def test_a_trace_that_was_changed_is_refused_on_its_own_spec(
    part: tuple[str | int, ...], value: str, said: str, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(stored.read_text())
    at = data
    for key in part[:-1]:
        at = at[key]
    assert part[-1] in at
    at[part[-1]] = value
    stored.write_text(json.dumps(data))
    assert run(["replay", str(stored), "--spec", str(SHELF)]) == 150
    err = capsys.readouterr().err
    assert said in err
    assert "the file was changed" in err


def test_a_lasso_happens_again(tmp_path: Path) -> None:
    from checker.search.check_liveness import check_liveness
    from checker.search.outcome import Outcome

    spec = load(SHELF.parent / "liveness")
    machine = Machine(spec, spec.scenarios["rounds"], {})
    outcome = Outcome(exhaustive=True)
    check_liveness(machine, outcome, Limits())
    trace, _ = smallest(machine, next(v for v in outcome.violations if v.loop is not None), steps=0, shortest=True)
    done = again(machine, trace)
    assert reproduced(trace, done)
    assert done.violation is not None
    assert done.violation.loop == trace.loop
    cut = replace(trace, loop=trace.loop + 1 if trace.loop is not None else None)
    assert again(machine, cut).violation is None


def test_a_trace_of_the_heap_lives_through_a_renamed_local_and_a_new_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = load()
    variant = plain.variants["B08"]
    spec = load(None, variant.edits)
    m = Machine(spec, spec.scenarios[variant.scenario], variant.parameters)
    trace, _ = smallest(m, BreadthFirst(m, Limits()).run().violations[0], steps=0, shortest=True, variant="B08")
    path = tmp_path / "trace.itf.json"
    path.write_text(itf(trace))
    copy = tmp_path / "spec"
    shutil.copytree(HEAP, copy, ignore=shutil.ignore_patterns("__pycache__"))
    mutator = copy / "environment" / "mutator.py"
    text = mutator.read_text()
    assert "request, slot = choose(" in text
    mutator.write_text(
        text.replace("request, slot = choose(", "wish, slot = choose(").replace(
            "        if request == 0:", "        request = wish\n        if request == 0:", 1
        )
    )
    structs = copy / "structs.py"
    structs.write_text(structs.read_text().replace("    marked: bool\n", "    marked: bool\n    freed_before: bool\n", 1))
    code, r = replayed(capsys, path, "--spec", str(copy))
    assert (code, r["verdict"], r["same_spec"], r["parting"]) == (12, "reproduced", False, None)
    code, r = replayed(capsys, path, "--spec", str(copy), "--variant", "none")
    assert (code, r["verdict"]) == (0, "not reproduced")


EMPTY = """
@invariant("X3", "empty", when="lock")
def empty(h: Shelf) -> None:
    check("nothing in the first cell", h.cell[0] == 0)


def scenario("""


def test_another_property_that_is_violated_on_the_way_does_not_end_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = changed(tmp_path, ("def scenario(", EMPTY.lstrip())), tmp_path / "out"
    words = ["--spec", str(folder), "--scenario", "full", "--set", "full=5", "--property", "X1", "--no-progress"]
    assert run(["explore", *words, "--out", str(out)]) == 12
    capsys.readouterr()
    path = out / "counterexample.itf.json"
    code, r = replayed(capsys, path, "--spec", str(folder))
    assert (code, r["verdict"], r["same_spec"], r["followed"]) == (12, "reproduced", True, 4)
    repaired = folder / "__init__.py"
    repaired.write_text(repaired.read_text().replace("h.cell[i] < bounds.full,", "h.cell[i] < 60,"))
    code, r = replayed(capsys, path, "--spec", str(folder))
    counterexample = r["counterexample"]
    assert isinstance(counterexample, dict)
    assert (code, r["verdict"], counterexample["property"], len(counterexample["steps"])) == (12, "violated otherwise", "X3", 2)
