"""A specification may be called anything: no name of it does anything to a terminal, a page, a log or a file's path."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checker.cli.main import run
from checker.trace.read import read

SHELF = Path(__file__).parent / "specs" / "shrink" / "__init__.py"
BAD = "\x1b[31m<script>alert(1)</script>\"'\n::error::%0A]]>\u202e../../" + "x" * 3000


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """The shelf with a scenario, a property and a clause that are called so."""
    text = SHELF.read_text()
    for name in ('"full"', '"not full"', '"less than full"'):
        assert name in text
        text = text.replace(name, ascii(name.strip('"') + BAD))
    folder = tmp_path / "shrink"
    folder.mkdir()
    (folder / "__init__.py").write_text(text)
    return folder


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert all(c.isprintable() or c == "\n" for c in text)
        assert not any(line.lstrip().startswith(("::", "##[")) for line in text.splitlines())
    return said.out


def test_nothing_happens_anywhere(hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["--spec", str(hostile), "--scenario", "full" + BAD]
    assert run(["explore", *words, "--no-progress", "--out", str(out)]) == 12
    assert "less than full" in shown(capsys)
    assert run(["explore", *words, "--no-progress", "--set", "full=32", "--depth", "2", "-v"]) == 0
    shown(capsys)
    trace = out / "counterexample.itf.json"
    assert read(trace).clause == "less than full" + BAD.replace("\ud800", "")
    for verb in ("replay", "minimise"):
        assert run([verb, str(trace), "--spec", str(hostile), "--no-progress"]) == 12
        shown(capsys)
    assert "<script>alert" not in (out / "counterexample.html").read_text()
    ET.parse(out / "junit.xml")
    json.loads((out / "results.sarif").read_text())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "shrink"]


def test_verify_names_its_files_without_them(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    out = tmp_path / "out"
    code = run(
        ["verify", "--spec", str(hostile), "--no-progress", "--max-states", "400", "--engine", "python", "--out", str(out)]
    )
    assert code == 11
    shown(capsys)
    names = [p.name for p in out.iterdir()]
    assert any(n.endswith(".itf.json") for n in names)
    assert all(n.isascii() and len(n) < 200 and "/" not in n for n in names)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "shrink"]
