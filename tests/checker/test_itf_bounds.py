"""What no trace can be is not read, and what is read takes little memory whatever it holds."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from itf_damage import instead, text

from checker.errors import UnreadableInput
from checker.trace.read import MAX_BYTES, read
from checker.trace.scan import MAX_PIECE


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        listener.bind("socket")
    (tmp_path / "round").symlink_to("round")
    for name, reason in {
        "missing": "No such file",
        ".": "not a regular file",
        "pipe": "not a regular file",
        "link": "not a regular file",
        "socket": "cannot be read",
        "round": "cannot be read",
        "nul\0": "cannot be read: embedded null byte",
    }.items():
        with pytest.raises(UnreadableInput, match=reason):
            read(tmp_path / name)


def in_little_memory(path: Path) -> str:
    """What a process with 1 GiB of address space says of a file."""
    code = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from checker.errors import UnreadableInput
from checker.trace.read import read
try:
    print("read", len(read(Path(sys.argv[1])).steps))
except UnreadableInput as e:
    print(e)
"""
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 100 << 20, 1 << 40])
def test_a_large_file_is_refused_by_its_size(size: int, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.touch()
    os.truncate(path, size)
    assert in_little_memory(path) == f"{path}: larger than 32 MiB, which no trace is; it was not read"


GREEDY = {
    "lists": ('"lock":"free"', '"lock":[', "[],", "0]", "states[0].lock: a whole number or"),
    "objects": ('"lock":"free"', '"lock":[', '{"a":0},', "0]", "states[0].lock: a whole number or"),
    "maps": ('"lock":"free"', '"lock":[', '{"#map":[["a",0]]},', "0]", "states[0].lock: a whole number or"),
    "numbers": ('"lock":"free"', '"lock":[', "123456789,", "0]", "states[0].lock: a whole number or"),
    "texts": ('"tool": ', '"tool": [', '"ab",', '0],"x":', "#meta: there is no key 'x'"),
    "escapes": ('"tool": "', '"tool": "', "\\ud83d\\ude00", "", "read 4"),
    "a text of wide characters": ('"tool": "', '"tool": "\U0001f600', "ab", "", "read 4"),
}
"""What is replaced by what comes before, a unit again and again, and what comes after; and what is said."""


@pytest.mark.parametrize("case", GREEDY)
def test_a_piece_that_grows_when_it_is_parsed_stays_within_bounds(case: str, tmp_path: Path) -> None:
    old, before, unit, after, said = GREEDY[case]
    path = tmp_path / "trace.json"
    content = instead(old, before + unit * ((MAX_PIECE - 40_000) // len(unit)) + after).encode()
    path.write_bytes(content + b" " * (MAX_BYTES - len(content)))
    assert said in in_little_memory(path)


def test_keys_that_all_differ_stay_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    keys = ",".join(f'"{i:x}":0' for i in range(420_000))
    path.write_text(instead('"lock":"free"', '"lock":{' + keys[: MAX_PIECE - 40_000].rpartition(",")[0] + "}"))
    assert "states[0].lock: a whole number" in in_little_memory(path)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ['["ab","cd"]', '["a","b"]', '["a","\U0001f600"]'])
def test_a_trace_of_the_greatest_size_is_read_within_bounds(unit: str, tmp_path: Path) -> None:
    lines = text().splitlines()
    begins = lines.index(' "states": [') + 1
    head, first, step = "\n".join(lines[:begins]), lines[begins].rstrip(","), json.loads(lines[begins + 1].rstrip(","))
    args = ",".join([unit] * ((MAX_PIECE - 20_000) // (len(unit) + 1)))
    states, size = [first], len(head + first)
    while size < MAX_BYTES - MAX_PIECE * (len(unit.encode()) / len(unit) + 1):
        step["#meta"].update(index=len(states), args="ARGS", changed=step["#meta"]["changed"] if states[1:] == [] else [])
        states.append(json.dumps(step).replace('"ARGS"', f"[{args}]"))
        size += len(states[-1].encode())
    path = tmp_path / "trace.json"
    path.write_bytes((head + ",\n".join(states) + "]}").encode())
    assert in_little_memory(path) == f"read {len(states) - 1}"
