"""The last counterexamples are followed before anything is searched, and no result is made of them that is not true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from verify_rig import LADDERS, LIVENESS, Shell, changed, files, profile, shell_in

from checker.search.breadth_first import BreadthFirst

BAD_RUNG = "        if r.rung == sys.rotten:\n            r.hurt = True\n"
BOTH = ('scenario = "short"', 'scenario = "tall"')


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Ladders whose second rung breaks."""
    return changed(tmp_path / "ladders", "if r.rung == sys.rotten:", "if r.rung == 2:")


def mend(broken: Path) -> None:
    changed(broken, "if r.rung == 2:", "if r.rung == sys.rotten:")


def followed(document: dict) -> dict[str, str]:
    return {x["entry"]: x["verdict"] for x in document["last"]}


def test_nothing_is_followed_at_first(shell: Shell, broken: Path) -> None:
    assert followed(shell.json(spec=broken)) == {}


def test_what_still_happens_is_said_before_anything_is_searched(
    shell: Shell, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell(spec=broken) == 12
    monkeypatch.setattr(BreadthFirst, "run", lambda _: 1 // 0)
    assert shell(spec=broken) == 255
    assert shell.out.splitlines() == [
        "last counterexample of short: still happens: P1 not hurt: unhurt",
        "last counterexample of tall: still happens: P1 not hurt: unhurt",
    ]


def test_what_still_happens_is_searched_all_the_same(shell: Shell, broken: Path) -> None:
    first = shell.json(spec=broken)
    again = shell.json(spec=broken)
    assert followed(again) == {"short": "still happens", "tall": "still happens"}
    states = [[r["states"] for r in x["rows"]] for x in (first, again)]
    assert states[0] == states[1]
    assert {r["found_by"] for r in again["rows"]} == {"search"}


def test_what_was_mended_does_not_happen_and_is_forgotten(shell: Shell, broken: Path) -> None:
    shell(spec=broken)
    mend(broken)
    r = shell.json(spec=broken)
    assert r["exit"] == 0
    assert followed(r) == {"short": "does not happen any more", "tall": "does not happen any more"}
    assert followed(shell.json(spec=broken)) == {}


def test_a_run_beyond_the_bound_is_still_a_violation(shell: Shell, broken: Path) -> None:
    profile(*BOTH)
    assert shell("--profile", "mine", spec=broken) == 12
    stored = files()
    profile(*(f"{e}; depth = 1; name = {e.partition('= ')[2]}" for e in BOTH))
    r = shell.json("--profile", "mine", spec=broken)
    assert (r["exit"], [x["found_by"] for x in r["rows"]]) == (12, ["last counterexample"] * 2)
    for row in r["rows"]:
        assert (row["verdict"], row["depth"], row["counterexample"]["steps"][-1]["index"]) == ("violation", 1, 2)
        assert [v["property"] for v in row["violations"]] == ["P1"]
        assert [p["verdict"] for p in row["properties"] if p["id"] == "P1"] == ["violated"]
    name = "short.counterexample.itf.json"
    same, before = (json.loads(x[name])["#meta"] for x in (files(), stored))
    assert {k: same[k] for k in ("property", "clause", "shortest", "cause")} == {
        k: before[k] for k in ("property", "clause", "shortest", "cause")
    }
    assert shell("--profile", "mine", spec=broken) == 12  # and again from what was stored now


def test_a_bound_without_the_stored_run_finds_nothing(shell: Shell, broken: Path) -> None:
    profile('scenario = "short"; depth = 1')
    assert shell("--profile", "mine", spec=broken) == 0


def test_on_a_changed_spec_the_stored_run_is_not_known_to_be_shortest(shell: Shell, broken: Path) -> None:
    shell(spec=broken)
    changed(broken, '"""Come to no harm."""', '"""Come to no harm at all."""')
    profile('scenario = "short"; depth = 1; name = "short"')
    (row,) = shell.json("--profile", "mine", spec=broken)["rows"]
    assert row["exit"] == 12
    shown = json.loads(files()["short.counterexample.itf.json"])["#meta"]
    assert shown["shortest"] == "not known, it follows the last counterexample"


def test_something_else_may_happen_on_the_way(shell: Shell, broken: Path) -> None:
    shell(spec=broken)
    changed(broken, "r.rung == 0, rung=r.rung", "r.rung == 9, rung=r.rung")  # false in state 0, and explained from rung 1 on
    changed(broken, "return rung > 0 and sys.top != 6", "return rung == 0 and sys.top != 6")
    assert followed(shell.json(spec=broken)) == {"short": "something else happens", "tall": "something else happens"}


def test_steps_that_cannot_be_taken_are_told(shell: Shell, broken: Path) -> None:
    shell(spec=broken)
    mend(broken)
    changed(
        broken,
        "    while True:\n        wait(lambda: r.rung < sys.top",
        "    for i in range(1):\n        wait(lambda: r.rung < sys.top",
    )
    r = shell.json(spec=broken)
    assert followed(r) == {"short": "cannot be followed to its end", "tall": "cannot be followed to its end"}
    assert "the thread stands at returned" in r["last"][0]["said"]


def test_a_lasso_is_followed_too(shell: Shell) -> None:
    assert shell.json(spec=LIVENESS)["exit"] == 11
    r = shell.json(spec=LIVENESS)
    assert followed(r) == dict.fromkeys(("circle", "ending", "gate", "names", "neglect", "rounds"), "still happens")
    assert shell(spec=LIVENESS) == 11
    assert "last counterexample of circle: still happens: P26 no deadlock" in shell.out


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('scenario = "tall"; set = { rotten = 2 }', "it is of scenario short, not tall"),
        ('scenario = "short"; atomicity = "fine"; set = { rotten = 2 }', "it is of atomicity lock, not fine"),
        ('scenario = "short"; set = { rotten = 3 }', "it is of parameter rotten 2, not 3"),
        ('scenario = "short"; set = { rotten = 2, way = "nowhere" }', "it is of parameter way up, not nowhere"),
    ],
)
def test_a_run_of_another_scope_is_not_followed(shell: Shell, entry: str, says: str) -> None:
    profile('scenario = "short"; set = { rotten = 2 }; name = "mine"')
    assert shell("--profile", "mine") == 12
    profile(f'{entry}; name = "mine"')
    r = shell.json("--profile", "mine")
    assert [(x["verdict"], x["said"]) for x in r["last"]] == [("not followed", says)]


def test_a_run_of_findings_is_not_followed_where_they_are_known(shell: Shell) -> None:
    assert shell("--strict") == 12
    r = shell.json()
    assert (r["exit"], {x["said"] for x in r["last"]}) == (0, {"it is of strict True, not False"})
    shell("--strict")
    assert set(followed(shell.json("--strict")).values()) == {"still happens"}


def test_a_run_of_a_variant_is_not_followed_without_it(shell: Shell) -> None:
    profile('scenario = "quick"; depth = 2')
    words = ("--profile", "mine", "--minimise-budget", "0")
    assert shell(*words, "--variant", "B05", spec=None) == 12
    assert set(followed(shell.json(*words, "--variant", "B05", spec=None)).values()) == {"still happens"}
    r = shell.json(*words, spec=None)
    assert (r["exit"], [x["said"] for x in r["last"]]) == (0, ["it is of variant B05, not none"])


def test_a_property_that_is_not_asked_for_is_not_violated(shell: Shell, broken: Path) -> None:
    shell(spec=broken)
    profile('scenario = "short"; properties = ["P2"]; name = "short"')
    r = shell.json("--profile", "mine", spec=broken)
    assert (r["exit"], followed(r)) == (0, {"short": "does not happen any more"})


@pytest.mark.parametrize("text", ["", "{}", "not a trace", '{"#meta": {"format": "checker-trace-0"}}'])
def test_a_file_that_is_no_trace_is_told_and_replaced(shell: Shell, broken: Path, text: str) -> None:
    profile(BOTH[0])
    shell("--profile", "mine", spec=broken)
    path = Path(".checker/short.counterexample.itf.json")
    good = path.read_text()
    path.write_text(text)
    r = shell.json("--profile", "mine", spec=broken)
    assert (r["exit"], followed(r)) == (12, {"short": "not followed"})
    assert str(path) in r["last"][0]["said"]
    assert path.read_text() == good


def test_a_changed_trace_does_not_make_a_violation(shell: Shell, broken: Path) -> None:
    profile(BOTH[0])
    shell("--profile", "mine", spec=broken)
    mend(broken)
    path = Path(".checker/short.counterexample.itf.json")
    digest = shell.json("--profile", "quick", "--out", "other", spec=broken)["spec"]
    text = path.read_text()
    path.write_text(text.replace(json.loads(text)["#meta"]["spec"], digest))
    r = shell.json("--profile", "mine", spec=broken)
    assert (r["exit"], followed(r)) == (0, {"short": "does not happen any more"})


def test_an_interrupt_while_they_are_followed(shell: Shell, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell(spec=broken)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.trace.again.again", interrupted)
    r = shell.json(spec=broken)
    assert (r["exit"], [x["stopped"] for x in r["rows"]]) == (130, ["an interrupt, before it began"] * 2)
    assert "short.counterexample.itf.json" in files()


def test_a_smaller_scope_is_within_a_larger_one() -> None:
    from checker.check import How
    from checker.load import load
    from checker.lowering.machine import Machine
    from checker.search.outcome import Violation
    from checker.trace.record import record
    from checker.verify.last import _unlike
    from checker.verify.profile import Entry

    spec = load()
    machine = Machine(spec, spec.scenarios["quick"], {"arena_pages": 3, "sweep_order": 1}, without=["scavenger"])
    trace = record(machine, Violation("P3", "x", "y", (), (), 12))
    assert _unlike(trace, spec, Entry("quick"), How(), False) == ""
    assert "arena_pages 3, not 2" in _unlike(trace, spec, Entry("quick", settings=(("arena_pages", "2"),)), How(), False)
    assert "page_shift 0, not 1" in _unlike(trace, spec, Entry("quick", settings=(("page_shift", "1"),)), How(), False)
    assert "without" in _unlike(trace, spec, Entry("quick", without=("mutator",)), How(), False)
    assert LADDERS != LIVENESS
