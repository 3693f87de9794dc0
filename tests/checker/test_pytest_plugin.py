"""The pytest plugin, in test runs of its own: scopes as tests, the fixture, and silence where nobody asks for it."""

from __future__ import annotations

import importlib.metadata
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from verify_rig import LADDERS, LIVENESS

from checker.cli.main import run

pytestmark = pytest.mark.slow  # seconds each; CI runs them

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[2]
INSTALLED = any(e.value == "checker.pytest_plugin" for e in importlib.metadata.entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "checker.pytest_plugin")
ROTTEN = "[[profile.mine]]\nscenario = 'short'\n[[profile.mine]]\nscenario = 'tall'\nset = { rotten = 2 }\n"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty project that knows the plugin."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_ADDOPTS", "CHECKER_PROFILE", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini("[pytest]\n")
    return pytester


def ran(project: pytest.Pytester, *words: object, spec: Path = LADDERS) -> pytest.RunResult:
    """A run of pytest in a process of its own, without a compiler."""
    more = (f"--checker-spec={spec}", "--checker-engine=python", "-p", "no:cacheprovider")
    return project.runpytest_subprocess(*PLUGIN, *more, *map(str, words))


def test_each_scope_of_a_profile_is_a_test(project: pytest.Pytester) -> None:
    done = ran(project, "--checker-profile=full", "-v")
    done.assert_outcomes(passed=5)
    done.stdout.fnmatch_lines(["checker::full::short PASSED*", "checker::full::tall (top=6, depth 2) PASSED*"])


def test_a_profile_stands_beside_other_tests(project: pytest.Pytester) -> None:
    project.makepyfile("def test_mine(): pass")
    done = ran(project, "--checker-profile=quick")
    done.assert_outcomes(passed=3)
    assert "collected 3 items\n" in done.stdout.str()
    ran(project).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (("-k", "short"), 2),
        (("-k", "tall and fine"), 1),
        (("-k", "checker and not lock"), 2),
        (("--deselect", "checker::full::tall (top"), 4),
        (("-m", "slow"), 0),
    ],
)
def test_scopes_are_chosen_as_tests_are(project: pytest.Pytester, words: tuple[str, ...], chosen: int) -> None:
    ran(project, "--checker-profile=full", *words).assert_outcomes(passed=chosen, deselected=5 - chosen)


def test_a_violation_fails_with_the_counterexample_and_its_replay(project: pytest.Pytester) -> None:
    project.makefile(".toml", checker=ROTTEN)
    done = ran(project, "--checker-profile=mine")
    done.assert_outcomes(passed=1, failed=1)
    text = done.stdout.str()
    assert "tall: safety violation: P1 not hurt: unhurt (rung=2)\n" in text
    assert "  2  climber     climber()\n" in text
    assert "Traceback" not in text
    (replay,) = re.findall(r"^checker (replay .*)$", text, re.MULTILINE)
    assert "pytest-of-" in replay or str(project.path) in replay
    assert run(shlex.split(replay)) == 12


def test_what_is_not_decided_fails(project: pytest.Pytester) -> None:
    project.makefile(
        ".toml",
        checker="[[profile.mine]]\nscenario = 'tall'\nmax_states = 3\n[[profile.mine]]\nscenario = 'tall'\nset = { top = 7 }\n",
    )
    done = ran(project, "--checker-profile=mine")
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(["*tall (3 states): incomplete (exit 20)", "*tall (top=7): error (exit 75)"])
    assert "stopped by more than 3 states (--max-states)" in done.stdout.str()
    assert "outside its declared range" in done.stdout.str()


def test_strict_counts_findings(project: pytest.Pytester) -> None:
    ran(project, "--checker-profile=quick", "--checker-strict").assert_outcomes(failed=2)


def test_the_folder_of_counterexamples(project: pytest.Pytester) -> None:
    project.makefile(".toml", checker=ROTTEN)
    ran(project, "--checker-profile=mine", "--checker-out=found").assert_outcomes(passed=1, failed=1)
    (folder,) = (project.path / "found").iterdir()
    assert sorted(p.name for p in folder.iterdir()) == [
        f"tall-rotten-2.counterexample.{x}" for x in ("html", "itf.json", "mmd")
    ]
    project.makefile(".toml", checker=ROTTEN.replace("rotten = 2", "rotten = 9"))
    ran(project, "--checker-profile=mine", "--checker-out=found").assert_outcomes(passed=2)


def test_two_processes_find_what_one_does(project: pytest.Pytester) -> None:
    words = ("--checker-profile=quick", "--checker-out=found", "-v", "-rA")
    one = ran(project, *words, spec=LIVENESS)
    first = {p.relative_to(project.path): p.read_bytes() for p in (project.path / "found").rglob("*.*")}
    two = ran(project, *words, "-n2", spec=LIVENESS)
    for done in (one, two):
        done.assert_outcomes(failed=7)
    assert {p.relative_to(project.path): p.read_bytes() for p in (project.path / "found").rglob("*.*")} == first
    assert "2 workers [7 items]" in two.stdout.str()
    verdicts = [set(re.findall(r"^FAILED (checker::\S+)", d.stdout.str(), re.MULTILINE)) for d in (one, two)]
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == 7


def properties(project: pytest.Pytester, name: str) -> dict[str, str]:
    """The properties of a test case in JUnit."""
    root = ET.parse(project.path / "junit.xml").getroot()
    (case,) = [c for c in root.iter("testcase") if c.get("name") == name]
    return {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}


@pytest.mark.parametrize("more", [(), ("-n1",)])
def test_junit_has_the_figures(project: pytest.Pytester, more: tuple[str, ...]) -> None:
    ran(project, "--checker-profile=quick", "--junitxml=junit.xml", *more)
    found = properties(project, "tall")
    assert (found["states"], found["depth"], found["exhaustive"]) == ("10", "6", "True")
    assert len(found["spec"]) == 64


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--checker-profile=none",), "no profile 'none'; there are: quick, full, mine"),
        (("--checker-profile=bad",), "checker.toml: profile.bad[[]0[]].scenario: no scenario 'x'"),
        (("--checker-profile=quick", "--checker-spec=/nonexistent"), "no such folder"),
    ],
)
def test_what_cannot_be_collected_is_a_usage_error(project: pytest.Pytester, words: tuple[str, ...], says: str) -> None:
    project.makefile(".toml", checker=ROTTEN + "[[profile.bad]]\nscenario = 'x'\n")
    done = ran(project, *words)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: --checker-profile: *{says}*"])
    assert "Traceback" not in done.stderr.str() + done.stdout.str()


def test_impossible_parameters_fail_their_scope_alone(project: pytest.Pytester) -> None:
    project.makefile(".toml", checker=ROTTEN.replace("rotten = 2", "top = 8"))
    done = ran(project, "--checker-profile=mine")
    done.assert_outcomes(passed=1, failed=1)
    text = done.stdout.str()
    assert "a ladder of 8 rungs is not made" in text
    assert "rows.py" not in text


def test_the_fixture_returns_the_result_and_notes_the_figures(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(explore):
            found = explore(scenario="tall", top=4, way="up")
            assert (found["verdict"], found["exhaustive"], found["parameters"]["top"]) == ("ok", True, 4)
            bounded = explore(scenario="tall", depth=2, settings={"top": 4}, without=["neighbour"], properties=["P1"])
            assert (bounded["depth"], bounded["exhaustive"], bounded["without"]) == (2, False, ["neighbour"])
        """
    )
    ran(project, "--junitxml=junit.xml").assert_outcomes(passed=1)
    assert properties(project, "test_it")["states"] == "3"


def test_the_fixture_fails_at_the_line_of_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(explore):
            explore(scenario="short", rotten=2)
        """
    )
    done = ran(project, "--junitxml=junit.xml")
    done.assert_outcomes(failed=1)
    text = done.stdout.str()
    assert '>       explore(scenario="short", rotten=2)\n' in text
    assert "E       " in text
    assert "ViolationFound: short (rotten=2): violation of P1 not hurt (exit 12)" in text
    assert "fixture.py" not in text
    assert "Captured checker call" in text
    assert "  2  climber     climber()\n" in text
    (replay,) = set(re.findall(r"^checker (replay .*)$", text, re.MULTILINE))  # pytest's summary repeats it under CI
    assert run(shlex.split(replay)) == 12


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("max_states=2, scenario='tall'", "Undecided: tall (2 states): incomplete (exit 20)"),
        ("scenario='tall', top=7", "Undecided: tall (top=7): error (exit 75)"),
        ("scenario='none'", "UsageError: no scenario 'none'"),
        ("scenario='tall', topp=7", "AssumptionError: tall (topp=7) (profile explore"),
        ("scenario='tall', properties=['P9']", "UsageError: no property 'P9'"),
        ("scenario='tall', without=['nobody']", "AssumptionError: *no thread 'nobody'"),
        ("spec='/nonexistent'", "LanguageError: */nonexistent: no such folder"),
        ("scenario='tall', variant='B01'", "UsageError: no variant 'B01'"),
    ],
)
def test_the_fixture_never_passes_what_is_not_known(project: pytest.Pytester, call: str, says: str) -> None:
    project.makepyfile(f"def test_it(explore):\n    explore({call})\n")
    done = ran(project)
    done.assert_outcomes(failed=1)
    done.stdout.re_match_lines([f"E .*{re.escape(says).replace(re.escape('*'), '.*')}"])
    assert "fixture.py:" not in done.stdout.str()


def test_the_exception_has_the_result(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        def test_it(explore):
            with pytest.raises(AssertionError, match="P1 not hurt") as raised:
                explore(scenario="short", rotten=2)
            assert raised.value.result["exit"] == 12
            assert len(raised.value.result["counterexample"]["steps"]) == 2
        """
    )
    ran(project).assert_outcomes(passed=1)


def test_tests_of_one_name_do_not_share_files(project: pytest.Pytester) -> None:
    test = "def test_it(explore):\n    explore(scenario='short', rotten=2)\n"
    project.makepyfile(test_a=test, test_b=test)
    ran(project, "--checker-out=found", "-n2").assert_outcomes(failed=2)
    assert len(list((project.path / "found").glob("*/*.itf.json"))) == 2


def test_a_project_that_does_not_use_it_does_not_pay_for_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys

        def test_mine():
            own = {m for m in sys.modules if m.partition(".")[0] in ("checker", "spec", "proofs")}
            assert own == {"checker", "checker.pytest_plugin"}
            assert not {"llvmlite", "greenlet", "networkx", "z3"} & set(sys.modules)
        """
    )
    done = project.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1)
    assert "collected 1 item\n" in done.stdout.str()
    assert not list(project.path.glob(".checker*"))


def test_a_fixture_of_the_same_name_in_the_project_wins(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.fixture
        def explore():
            return 7

        def test_mine(explore):
            assert explore == 7
        """
    )
    ran(project).assert_outcomes(passed=1)


def test_it_works_without_pytests_folders(project: pytest.Pytester) -> None:
    project.makefile(".toml", checker=ROTTEN)
    ran(project, "--checker-profile=mine", "-p", "no:tmpdir").assert_outcomes(passed=1, failed=1)
