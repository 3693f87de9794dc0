"""Runs that die while they save, disks that are full, folders that may not be written: the checkpoint before is whole."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from checkpoint_rig import IDENTITY, newest, save, stored

from checker.search.checkpoint import Checkpoints

HERE = Path(__file__).parent
BEGIN = f"""
import os, resource, sys
sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from checkpoint_rig import IDENTITY, newest, save, stored
from checker.errors import UsageError
from checker.search.checkpoint import Checkpoints, CheckpointNotSaved
folder = Path(".")
if os.getuid() == 0:
    os.chown(folder, 65534, 65534)
    os.setgid(65534)
    os.setuid(65534)
"""


def child(code: str, folder: Path) -> str:
    """Run code in the folder, as a user whom permissions bind; its output."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def kills(how: str, folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, str(HERE / "checkpoint_kills.py"), how, str(folder)]
    found: list[dict[str, Any]] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


def test_killed_at_every_call_of_a_save_the_level_before_or_the_new_one_is_there(tmp_path: Path) -> None:
    done = kills("calls", tmp_path / "c")
    levels = [kill["found"][0] for kill in done]
    assert all(kill["found"][1] == [] for kill in done), "no kill leaves anything damaged"
    assert levels == sorted(levels), "once the new one is there it stays"
    assert {*levels} == {2, 3}
    halves = [kill for kill in done if any(name.endswith(".partial") for name in kill["left"])]
    assert len(halves) > 20, "kills between creation and renaming"
    assert not any(name.endswith(".partial") for kill in done for name in kill["cleaned"])
    assert any(len(kill["left"]) == 3 and kill not in halves for kill in done), "the oldest goes after the new one is there"
    assert len(done[-1]["left"]) == 2
    assert all(len(kill["left"]) >= 2 for kill in done), "two generations at any time"


def test_killed_at_random_moments_a_run_loses_no_level_that_was_promised(tmp_path: Path) -> None:
    done = kills("moments", tmp_path / "c")
    assert len(done) == 60
    for kill in done:
        level, warnings = kill["found"] or (0, [])
        assert warnings == []
        assert level in (kill["promised"], kill["promised"] + 1)
    assert done[-1]["found"][0] > 60, "the runs went on from one another"


def test_a_full_disk_is_an_error_and_the_levels_before_are_whole(tmp_path: Path) -> None:
    out = child(
        """
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
with Checkpoints(folder, IDENTITY) as checkpoints:
    save(checkpoints, 1)
    save(checkpoints, 2)
    for scale in (1000, 100_000):
        try:
            save(checkpoints, 3, scale)
        except CheckpointNotSaved as error:
            print(error, error.exit_code)
    print(stored(folder))
    save(checkpoints, 3)
""",
        tmp_path,
    )
    assert out.count("no checkpoint can be written to .: File too large; those saved before are untouched; make room") == 2
    assert out.count("20\n") == 2
    assert "['checkpoint-00000001.bin', 'checkpoint-00000002.bin']" in out
    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        assert newest(checkpoints) == (3, ())
    assert stored(tmp_path) == ["checkpoint-00000002.bin", "checkpoint-00000003.bin"]


def test_a_folder_made_read_only_is_an_error_and_the_level_before_is_whole(tmp_path: Path) -> None:
    out = child(
        """
with Checkpoints(folder, IDENTITY) as checkpoints:
    save(checkpoints, 1)
    folder.chmod(0o500)
    try:
        save(checkpoints, 2)
    except CheckpointNotSaved as error:
        print(error)
    print(newest(checkpoints))
    folder.chmod(0o700)
    save(checkpoints, 2)
    print(newest(checkpoints))
""",
        tmp_path,
    )
    refused, before, after = out.splitlines()
    assert refused.startswith("no checkpoint can be written to .: Permission denied;")
    assert before == "(1, ())"
    assert after == "(2, ())"


def test_a_read_only_folder_is_refused_at_the_start(tmp_path: Path) -> None:
    out = child(
        """
folder.chmod(0o500)
for place in (folder, folder / "new"):
    try:
        Checkpoints(place, IDENTITY)
    except UsageError as error:
        print(error)
folder.chmod(0o700)
""",
        tmp_path,
    )
    first, second = out.splitlines()
    assert first == ". cannot hold checkpoints: Permission denied; name a folder that this user can write to (--checkpoint)"
    assert second.startswith("new cannot hold checkpoints: Permission denied;")
    assert list(tmp_path.iterdir()) == []


def test_a_crash_of_the_machine_finds_each_step_on_the_disk_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contents before name, name before the removal of what it replaces."""
    done: list[str] = []
    fsync, rename, unlink = os.fsync, Path.rename, Path.unlink

    def synced(descriptor: int) -> None:
        state = os.fstat(descriptor)
        done.append("sync folder" if stat.S_ISDIR(state.st_mode) else f"sync {state.st_size} bytes")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        done.append(f"rename to {target.name}")
        return rename(path, target)

    def unlinked(path: Path, missing_ok: bool = False) -> None:
        done.append(f"remove {path.name}")
        unlink(path, missing_ok)

    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        save(checkpoints, 2)
        monkeypatch.delattr(fcntl, "F_FULLFSYNC", raising=False)
        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(Path, "rename", renamed)
        monkeypatch.setattr(Path, "unlink", unlinked)
        save(checkpoints, 3)
    name = "checkpoint-00000003.bin"
    size = (tmp_path / name).stat().st_size
    assert done == [f"sync {size} bytes", f"rename to {name}", "sync folder", "remove checkpoint-00000001.bin"]


@pytest.mark.parametrize("failing", ["write", "fsync", "rename"])
def test_an_error_of_the_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """ENOSPC and EIO can come as late as fsync and rename."""

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with Checkpoints(tmp_path, IDENTITY) as checkpoints:
        save(checkpoints, 1)
        with monkeypatch.context() as patch:
            if failing == "write":
                patch.setattr("checker.search.checkpoint_file._write_all", fail)
            elif failing == "fsync":
                patch.delattr(fcntl, "F_FULLFSYNC", raising=False)
                patch.setattr(os, "fsync", fail)
            else:
                patch.setattr(Path, "rename", fail)
            with pytest.raises(Exception, match="No space left on device"):
                save(checkpoints, 2)
        assert stored(tmp_path) == ["checkpoint-00000001.bin"]
        assert newest(checkpoints) == (1, ())
        save(checkpoints, 2)
        assert newest(checkpoints) == (2, ())
