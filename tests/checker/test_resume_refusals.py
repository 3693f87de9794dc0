"""What cannot be resumed or saved is said in one sentence, with the documented exit code; nothing that was saved is lost."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from resume_rig import PAGEHEAP, files
from resume_shell import VARYING, begin, checkpoints, end

from checker.cli.main import run

SMALL = ("--spec", str(PAGEHEAP), "--set", "P=4", "--set", "T=2", "--set", "H=1")
GROWS = ("--spec", str(PAGEHEAP), "--set", "P=5", "--set", "T=2", "--set", "H=1")


class Shell:
    """Calls of the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, dict[str, Any], str]:
        """Exit code, result without what varies, and stderr."""
        code = run(["explore", "--format", "json", "--no-progress", *words])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        result = json.loads(out) if out else {}
        return code, {key: value for key, value in result.items() if key not in VARYING}, err

    def refused(self, *words: str) -> tuple[int, str]:
        """Exit code and message of a call that gives no result."""
        code, result, err = self(*words)
        assert (result, err.count("\n")) == ({}, 1)
        return code, err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def saved(shell: Shell, tmp_path: Path) -> Path:
    """A folder with the checkpoints of levels 5 and 6 of the small model."""
    folder = tmp_path / "saved"
    assert shell(*SMALL, "--depth", "6", *checkpoints(folder))[0] == 0
    assert len(files(folder)) == 2
    return folder


OTHERS = {
    "parameters.H": ("--set", "H=2"),
    "parameters.P": ("--set", "P=3"),
    "atomicity": ("--atomicity", "fine"),
    "storage": ("--storage", "exact"),
    "properties": ("--property", "I2"),
    "strict": ("--strict",),
}


@pytest.mark.parametrize("key", OTHERS)
def test_a_checkpoint_of_another_search_is_refused(key: str, saved: Path, shell: Shell) -> None:
    before = {f: f.read_bytes() for f in files(saved)}
    code, err = shell.refused(*SMALL, *checkpoints(saved), *OTHERS[key])
    assert code == 2
    assert "is a checkpoint of another run: " in err
    assert f"{key} is " in err
    assert {f: f.read_bytes() for f in files(saved)} == before


def test_a_checkpoint_of_another_spec_is_refused(saved: Path, shell: Shell, tmp_path: Path) -> None:
    copy = shutil.copytree(PAGEHEAP, tmp_path / "model")
    words = ("--spec", str(copy), *SMALL[2:])
    assert shell(*words, *checkpoints(saved), "--depth", "6")[0] == 0, "the same spec at another place"
    text = (copy / "operations.py").read_text()
    (copy / "operations.py").write_text(text.replace("r.h[i] = b + 1", "r.h[i] = i + 1"))
    code, err = shell.refused(*words, *checkpoints(saved))
    assert (code, "another run: spec is " in err) == (2, True)


def test_a_checkpoint_of_another_version_is_refused(saved: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.native.compiled.sources_digest", lambda: "abc")
    code, err = shell.refused(*SMALL, *checkpoints(saved))
    assert code == 2
    assert "another run: tool is " in err
    assert 'and "abc" here' in err


def test_a_checkpoint_of_a_variant_or_with_other_reductions_is_refused(shell: Shell, tmp_path: Path) -> None:
    words = ("--scenario", "quick", "--depth", "8", *checkpoints(tmp_path))
    assert shell(*words)[0] == 0
    code, err = shell.refused(*words, "--resume", "--variant", "B05")
    assert (code, "another run: spec is " in err) == (2, True)
    code, err = shell.refused(*words, "--resume", "--reduce", "none")
    assert (code, "another run: reductions is [" in err) == (2, True)


def test_a_folder_in_use_is_refused(saved: Path, shell: Shell) -> None:
    run_ = begin(*GROWS, *checkpoints(saved.parent / "other"))
    with run_:
        while run_.poll() is None and not files(saved.parent / "other"):
            pass
        code, err = shell.refused(*GROWS, *checkpoints(saved.parent / "other"))
        assert run_.poll() is None, "the other run took too short"
    assert (code, f"is in use by another run (process {run_.pid})" in err) == (2, True)


def test_options_that_do_not_go_together_are_refused(saved: Path, shell: Shell) -> None:
    for words in (("--resume",), ("--checkpoint-every", "0")):
        code, err = shell.refused(*SMALL, *words)
        assert (code, "need --checkpoint DIR" in err) == (2, True)
    code, err = shell.refused(*SMALL, "--checkpoint", str(saved))
    assert (code, "already holds checkpoints" in err and "--resume" in err) == (2, True)
    code, err = shell.refused(*SMALL, "--engine", "python", "--checkpoint", str(saved), "--checkpoint-every", "0")
    assert (code, "--checkpoint, --checkpoint-every: only the native engine" in err) == (2, True)
    assert len(files(saved)) == 2


def test_a_smaller_depth_than_is_known_is_refused(saved: Path, shell: Shell) -> None:
    code, err = shell.refused(*SMALL, *checkpoints(saved), "--depth", "5")
    assert (code, "checkpoint at depth 6, where states beyond --depth 5 are known" in err) == (2, True)
    assert shell(*SMALL, *checkpoints(saved), "--depth", "6")[0] == 0


def test_a_damaged_checkpoint_is_passed_over_with_a_warning(saved: Path, shell: Shell) -> None:
    expected = shell(*SMALL)
    path = files(saved)[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code, result, err = shell(*SMALL, *checkpoints(saved))
    assert (code, result, "") == expected
    assert err.startswith(f"checker: {path} is damaged: the checksum of its section ")
    assert err.endswith("; the checkpoint before it is used\n")


def test_if_all_are_damaged_the_run_is_refused(saved: Path, shell: Shell) -> None:
    first, second = files(saved)
    first.write_bytes(first.read_bytes()[:-1])
    second.write_bytes(b"")
    code, err = shell.refused(*SMALL, *checkpoints(saved))
    assert (code, "no checkpoint can be used" in err and str(first) in err and str(second) in err) == (150, True)


def test_a_file_in_the_place_of_the_folder_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        code, err = shell.refused(*SMALL, *checkpoints(place))
        assert (code, f"{place} cannot hold checkpoints" in err) == (2, True)
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_full_disk_ends_the_search_and_what_was_saved_can_be_resumed(shell: Shell, tmp_path: Path) -> None:
    expected = shell(*GROWS)
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)); "
        "from checker.__main__ import main; main()"
    )
    ended = end(begin(*GROWS, *checkpoints(tmp_path), program=(sys.executable, "-c", limited)))
    assert (ended.code, ended.out, "Traceback" in ended.err) == (20, "", False)
    assert f"no checkpoint can be written to {tmp_path}: File too large; those saved before are untouched" in ended.err
    assert len(files(tmp_path)) == 2
    assert shell(*GROWS, *checkpoints(tmp_path)) == expected
