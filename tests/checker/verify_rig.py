"""Running ``checker verify`` in a folder of its own, on small specs, with the engine that needs no compiler."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from checker.cli.main import run

SPECS = Path(__file__).parent / "specs"
LADDERS, LIVENESS = SPECS / "ladders", SPECS / "liveness"


class Shell:
    """Runs the verb and keeps what it says."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: object, spec: Path | None = LADDERS) -> int:
        """The exit code of ``checker verify`` with some words."""
        more = [] if spec is None else ["--spec", str(spec)]
        code = run(["verify", "--engine", "python", *more, *map(str, words)])
        self.out, self.err = self._capsys.readouterr()
        return code

    def json(self, *words: object, spec: Path | None = LADDERS) -> dict[str, Any]:
        """The document."""
        code = self(*words, "--format", "json", spec=spec)
        document: dict[str, Any] = json.loads(self.out)
        assert document["exit"] == code
        return document


def shell_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in an empty folder, outside of any CI."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "CHECKER_PROFILE", "CI"):
        monkeypatch.delenv(name, raising=False)
    return Shell(capsys)


def profile(*entries: str, name: str = "mine") -> None:
    """Write a profile of scopes, each a line of TOML without its header, into the working folder."""
    text = "".join(f"[[profile.{name}]]\n{e.replace('; ', chr(10))}\n" for e in entries)
    Path("checker.toml").write_text(text)


def files(folder: Path = Path(".checker")) -> dict[str, bytes]:
    """The files of a folder of reports."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def changed(where: Path, old: str, new: str) -> Path:
    """A copy of the ladders with one text replaced."""
    if not where.exists():
        shutil.copytree(LADDERS, where)
    file = where / "__init__.py"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return where
