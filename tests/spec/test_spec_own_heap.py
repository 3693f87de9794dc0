"""The page for users: the heap that spec/README.md shows runs as it says, and so does the bug."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.cli.main import run

SECTION = (Path(__file__).parents[2] / "spec" / "README.md").read_text().split("\n## A heap of your own\n")[1].split("\n## ")[0]
PROGRAMS = re.findall(r"<!-- a heap of your own -->\n```python\n(.*?)```\n", SECTION, re.DOTALL)
SHOWN = re.findall(r"(?:^    .*\n|^\n)+", SECTION.partition("```\n\n")[2], re.MULTILINE)
SEARCHED, TAKEN = "        p: Page = c.first if n == 0 else first_fit(h, n)\n", "        acquire(h.lock)\n"


def explored(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and text of exploring the program as ``myheap``."""
    (folder / "myheap").mkdir()
    (folder / "myheap" / "__init__.py").write_text(text)
    monkeypatch.chdir(folder)
    code = run(("explore", "--spec", "myheap", "--no-progress"))
    return code, capsys.readouterr().out


def shown(first_line: str) -> list[str]:
    """The lines of the output that the page shows and that begins so."""
    blocks = [re.sub(r"(?m)^    ", "", b).strip().splitlines() for b in SHOWN]
    (block,) = [b for b in blocks if b and b[0].startswith(first_line)]
    return [line for line in block if line]


def test_the_page_has_one_program_of_less_than_sixty_lines() -> None:
    assert len(PROGRAMS) == 1
    assert len(PROGRAMS[0].splitlines()) < 60


def test_the_heap_of_the_page_is_explored_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = explored(tmp_path, PROGRAMS[0], monkeypatch, capsys)
    assert code == 0
    expected = shown("arena: no violation; no new state after depth")
    assert [line for line in out.splitlines() if line][: len(expected)] == expected


def test_the_bug_of_the_page_is_found_as_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert PROGRAMS[0].count(TAKEN + SEARCHED) == 1
    code, out = explored(tmp_path, PROGRAMS[0].replace(TAKEN + SEARCHED, SEARCHED + TAKEN), monkeypatch, capsys)
    assert code == 12
    expected = shown("arena: safety violation")
    assert len(expected) > 10
    assert [line for line in out.splitlines() if line][: len(expected)] == expected
