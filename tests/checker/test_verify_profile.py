"""Profiles: read from the configuration, and every mistake in them said with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from verify_rig import LADDERS, Shell, profile, shell_in

from checker.errors import ConfigurationError
from checker.load import load
from checker.verify.profile import Entry, named, profile_of

SHORT = 'scenario = "short"'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell_in(tmp_path, monkeypatch, capsys)


def test_every_key_of_a_scope_is_taken() -> None:
    spec = load(LADDERS)
    table = {
        "scenario": "tall",
        "name": "two together",
        "set": {"top": 4, "way": "up"},
        "atomicity": "fine",
        "depth": 7,
        "max_states": 100,
        "properties": ["P1", "waves at four"],
        "without": ["neighbour"],
        "liveness": False,
    }
    (entry,) = profile_of(spec, "mine", {"mine": [table]}, "checker.toml").entries
    assert entry == Entry(
        scenario="tall",
        name="two together",
        settings=(("top", "4"), ("way", "up")),
        atomicity="fine",
        depth=7,
        max_states=100,
        properties=("P1", "waves at four"),
        without=("neighbour",),
        liveness=False,
    )


def test_a_scope_is_named_by_what_tells_it_from_its_scenario() -> None:
    entries = (
        Entry("a"),
        Entry("a", atomicity="fine"),
        Entry("a", settings=(("x", "1"),), depth=3),
        Entry("a", properties=("P1", "P2"), without=("t",), max_states=9, liveness=False),
    )
    assert [(e.name, e.stem) for e in named(entries, "f", "p")] == [
        ("a", "a"),
        ("a (fine)", "a-fine"),
        ("a (x=1, depth 3)", "a-x-1-depth-3"),
        ("a (without t, 9 states, P1 P2, no liveness)", "a-without-t-9-states-p1-p2-no-liveness"),
    ]


@pytest.mark.parametrize("name", ["../up", "a/b", "..", "", "-", "é", "CON:x", "a" * 300])
def test_no_name_leaves_the_folder_or_its_length(name: str) -> None:
    stem = Entry("s", name=name or "?").stem
    assert stem == "".join(c for c in stem if c.isascii() and (c.isalnum() or c in "-_"))
    assert 0 < len(stem) <= 80


def test_a_name_in_other_cases_is_the_same_file() -> None:
    with pytest.raises(ConfigurationError, match="too much like"):
        named((Entry("s", name="A b"), Entry("s", name="a-B")), "f", "p")


def test_a_profile_of_the_configuration_hides_the_built_in_one(shell: Shell) -> None:
    profile(SHORT, name="quick")
    r = shell.json()
    assert (r["source"], [x["entry"] for x in r["rows"]]) == ("checker.toml", ["short"])


def test_pyproject_may_hold_it(shell: Shell) -> None:
    Path("pyproject.toml").write_text('[[tool.checker.profile.mine]]\nscenario = "tall"\n')
    r = shell.json("--profile", "mine")
    assert (r["source"], [x["entry"] for x in r["rows"]]) == ("pyproject.toml [tool.checker]", ["tall"])


def test_the_environment_names_a_profile_and_the_command_line_another(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(SHORT)
    monkeypatch.setenv("CHECKER_PROFILE", "mine")
    assert shell.json()["profile"] == "mine"
    assert shell.json("--profile", "full")["profile"] == "full"


def test_profiles_do_not_disturb_other_verbs(shell: Shell) -> None:
    from checker.cli.main import run

    profile(SHORT)
    assert run(["explore", "--engine", "python", "--spec", str(LADDERS), "--scenario", "short", "--quiet"]) == 0


def test_other_scopes_of_the_configuration_are_none_of_a_profiles(shell: Shell) -> None:
    Path("checker.toml").write_text("depth = 1\n[set]\nrotten = 2\n")
    rows = shell.json()["rows"]
    assert {(r["exit"], r["parameters"]["rotten"], r["exhaustive"]) for r in rows} == {(0, 9, True)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("profile = 3", "profile: 3 was found; a table of profiles was expected"),
        ("[profile.mine]\nscenario = 'short'", "profile.mine: {'scenario': 'short'} was found; a table for each scope"),
        ("[profile]\nmine = []", "profile.mine: [] was found"),
        ("[profile]\nmine = [1]", "profile.mine[0]: 1 was found; a table was expected"),
        ("[[profile.mine]]", "profile.mine[0]: the key 'scenario' is missing; this spec has: short, tall"),
        ("[[profile.mine]]\nscenario = 'none'", "profile.mine[0].scenario: no scenario 'none'; this spec has: short, tall"),
        ("[[profile.mine]]\nscenario = 7", "profile.mine[0].scenario: 7 was found"),
        ("SHORT\ndept = 1", "profile.mine[0]: unknown key 'dept'; known: scenario, name, set"),
        ("SHORT\ndepth = -1", "profile.mine[0].depth: -1 was found; a number of 0 or more was expected"),
        ("SHORT\ndepth = true", "profile.mine[0].depth: True was found"),
        ("SHORT\nmax_states = 1.5", "profile.mine[0].max_states: 1.5 was found"),
        ("SHORT\natomicity = 'coarse'", "profile.mine[0].atomicity: 'coarse' was found; lock or fine was expected"),
        ("SHORT\nset = 1", "profile.mine[0].set: 1 was found; a table of parameters"),
        ("SHORT\nset = { top = 1.5 }", "profile.mine[0].set: {'top': 1.5} was found"),
        ("SHORT\nset = { topp = 1 }", "profile.mine[0].set: unknown parameter 'topp'; this spec has: word_bits"),
        ("SHORT\nproperties = 'P1'", "profile.mine[0].properties: 'P1' was found; a list of names"),
        ("SHORT\nproperties = ['P9']", "profile.mine[0].properties: no property 'P9'; this spec has: L1, P1"),
        ("SHORT\nwithout = ['neighbour']", "profile.mine[0].without: no thread 'neighbour' in short; it has: climber"),
        ("SHORT\nliveness = 0", "profile.mine[0].liveness: 0 was found; true or false"),
        ('SHORT\nname = "a\\nb"', "profile.mine[0].name: 'a\\nb' was found"),
        ("SHORT\nSHORT", "profile.mine[1].name: 'short' is too much like 'short'"),
        ("SHORT\n[[profile.mine]]\ndepth = 1", "profile.mine[1]: the key 'scenario' is missing"),
        ("x = = 1", "checker.toml is no TOML"),
    ],
)
def test_a_mistake_is_said_with_its_place(shell: Shell, text: str, says: str) -> None:
    Path("checker.toml").write_text(text.replace("SHORT", "[[profile.mine]]\nscenario = 'short'"))
    assert shell("--profile", "mine") == 151
    assert says in shell.err
    assert shell.err.startswith("checker verify: checker.toml")
    assert "Traceback" not in shell.err
    assert not Path(".checker").exists()


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("top = 10", "top=10 is out of range: 1..9 allowed"),
        ('way = "down"', "way=down is none of its words: up, nowhere allowed"),
        ('top = "many"', "top=many is no integer"),
        ("top = 8", "a ladder of 8 rungs is not made"),
    ],
)
def test_parameters_that_are_not_possible(shell: Shell, setting: str, says: str) -> None:
    profile(f"scenario = 'short'; set = {{ {setting} }}")
    assert shell("--profile", "mine") == 10
    assert says in shell.err


def test_no_thread_is_left(shell: Shell) -> None:
    profile("scenario = 'short'; without = ['climber']")
    assert shell("--profile", "mine") == 10
    assert "has no thread; leave one in" in shell.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--profile", "nightly"), "no profile 'nightly'; there are: quick, full, mine; write another one"),
        (("--gate", "coverage"), "'coverage' is no gate"),
        (("--gate", "coverage=101"), "is no gate"),
        (("--gate", "vacuity=1"), "is no gate"),
        (("--cross-check", "0"), "is not a number of 1 or more"),
        (("--gate", "findings", "--strict"), "--gate findings and --strict"),
        (("--jobs", "2"), "--jobs: only the native engine has this"),
        (("--variant", "B01"), "no variant 'B01'"),
    ],
)
def test_a_wrong_command_line(shell: Shell, words: tuple[str, ...], says: str) -> None:
    profile(SHORT)
    assert shell(*words) == 2
    assert says in shell.err


def test_a_spec_without_scenarios_has_nothing_to_verify(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "heap.py").write_text(
        "from spec.language import Parameters, parameter\n"
        "class K(Parameters):\n    word_bits = parameter(8, doc='bits')\nk = K()\n"
    )
    assert shell(spec=tmp_path / "bare") == 2
    assert "declares no scenario" in shell.err
