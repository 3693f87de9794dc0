"""Solvers and claims in processes of their own: what hangs, crashes or is changed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proofs import cache, sources
from proofs.confirming.ask import Asking
from proofs.confirming.solvers import SOLVERS
from proofs.results import identifiers

ROOT = Path(__file__).parents[2]
CLAIM = "sweepgen_claims"
SAT = "(set-logic QF_UFBV)(declare-fun x () (_ BitVec 8))(assert (bvult x #x03))(check-sat)"
HARD = """(set-logic QF_UFBV)(declare-fun p () (_ BitVec 64))(declare-fun q () (_ BitVec 64))
(assert (= (bvmul p q) #x7ffffffffffffe29))(assert (bvult #x0000000000000001 p))(assert (bvult p #x00000000ffffffff))
(assert (bvult #x0000000000000001 q))(assert (bvult q #x00000000ffffffff))(check-sat)"""


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_answers_query_after_query(name: str) -> None:
    pytest.importorskip(name)
    with Asking(SOLVERS[name]) as asking:
        assert asking.ask(SAT) == "sat"
        assert asking.ask(SAT.replace("(check-sat)", "(assert (bvugt x #x05))(check-sat)")) == "unsat"
        assert asking.ask("(assert") not in ("sat", "unsat")
        assert asking.ask(SAT) == "sat"


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_that_takes_too_long_gives_up_and_is_asked_again(name: str) -> None:
    pytest.importorskip(name)
    with Asking(SOLVERS[name], limit=0.2, grace=2.0) as asking:
        assert asking.ask(HARD) not in ("sat", "unsat")
        assert asking.ask(SAT) == "sat"


def test_a_solver_whose_process_dies_gives_up_and_is_asked_again() -> None:
    pytest.importorskip("cvc5")
    with Asking(SOLVERS["cvc5"]) as asking:
        assert asking.ask(SAT) == "sat"
        assert asking._process is not None
        os.kill(asking._process.pid, signal.SIGKILL)
        asking._process.wait()
        assert "ended" in asking.ask(SAT)
        assert asking.ask(SAT) == "sat"


def test_the_sources_of_a_claim_are_all_that_it_loads() -> None:
    code = (
        f"import sys; from proofs.results import claims; (c,) = claims(['{CLAIM}']); import proofs.kernel; c.build();"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] in ('checker', 'proofs', 'spec')), sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert loaded
    known = {str(s.path) for s in sources.of_claim(CLAIM)}
    assert set(loaded) <= known
    assert {str(p) for p in (ROOT / "spec").rglob("*.py")} <= known


def test_other_claims_are_no_sources_of_a_claim() -> None:
    names = {s.path.stem for s in sources.of_claim(CLAIM) if s.path.parent.name == "claims"}
    assert names == {CLAIM, "__init__"}
    assert len(identifiers()) > 1


def prove(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CHECKER_CACHE": str(folder / "cache"), "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "checker", "prove", CLAIM, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for package in sources.OURS:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.slow
def test_a_claim_is_proved_again_when_the_spec_changes(copied: Path) -> None:
    assert "known from earlier runs" not in prove(copied).stdout
    assert "known from earlier runs" in prove(copied).stdout
    assert "known from earlier runs" not in prove(copied, "--no-cache").stdout
    sweep = copied / "spec" / "environment" / "sweep.py"
    before = sweep.read_text()
    sweep.write_text(before + "\n# a change that changes nothing\n")
    assert "known from earlier runs" not in prove(copied).stdout
    assert "known from earlier runs" in prove(copied).stdout
    assert before.count("u32(sg - 2)") > 0
    sweep.write_text(before.replace("u32(sg - 2)", "u32(sg - 3)"))
    changed = prove(copied)
    assert (changed.returncode, "NOT AS STATED" in changed.stdout) == (22, True)


@pytest.mark.slow
def test_a_damaged_cache_counts_as_none(copied: Path) -> None:
    assert prove(copied).returncode == 0
    files = [f for f in (copied / "cache").iterdir() if f.is_file()]
    assert len(files) == 2
    for f in files:
        assert f.stat().st_mode & 0o077 == 0
        f.write_bytes(f.read_bytes()[:-1] + b"?")
    again = prove(copied)
    assert (again.returncode, "known from earlier runs" in again.stdout) == (0, False)


def test_a_kept_result_that_is_not_as_stated_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKER_CACHE", str(tmp_path))
    name = cache.key(CLAIM, ())
    kept = {"id": CLAIM, "statement": "", "go": "", "expected": "proved", "verdict": "proved", "seconds": 1.0, "solver": ""}
    kept |= {"conditions": 1, "detail": "", "assumptions": [], "opinions": []}
    cache.cache.write(name, json.dumps(kept).encode())
    assert cache.result(name) is not None
    cache.cache.write(name, json.dumps({**kept, "verdict": "not proved"}).encode())
    assert cache.result(name) is None
    for wrong in (b"[]", b"{}", b"null", b"not JSON", json.dumps({**kept, "more": 1}).encode()):
        cache.cache.write(name, wrong)
        assert cache.result(name) is None
