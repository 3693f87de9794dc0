"""Files that are no log: refused with file, line and reason, never with a traceback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tamper import CONTROL

from checker.errors import UnreadableInput
from checker.validate.log import read

PACKED = CONTROL.read_bytes()
TEXT = gzip.decompress(PACKED)
HEADER_END = TEXT.index(b"\n") + 1


def instead(old: bytes, new: bytes) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


CASES = {
    "empty": (b"", ":1: the file is empty"),
    "binary": (bytes(range(256)) * 40, ":1: "),
    "another format": (b'{"ev": "header"}\n', ":1: the header lacks"),
    "no header": (TEXT[HEADER_END:], ":1: the header lacks"),
    "not an object": (b"null\n", ":1: a JSON object was expected"),
    "nested arrays": (b"[" * 300_000, ":1: nested too deeply"),
    "nested objects": (b'{"a":' * 100_000, ":1: nested too deeply"),
    "nested value": (instead(b'"ts":0', b'"ts":' + b"[" * 500 + b"]" * 500), ":2: init has 'ts'"),
    "not a number": (instead(b'"ts":0', b'"ts":NaN'), ":2: not JSON of this format: NaN"),
    "infinity": (instead(b'"ts":0', b'"ts":-Infinity'), ":2: not JSON of this format: -Infinity"),
    "float overflow": (instead(b'"ts":0', b'"ts":1e999'), ":2: init has 'ts' = inf"),
    "huge integer": (instead(b'"ts":0', b'"ts":' + b"9" * 5000), ":2: not JSON of this format"),
    "boolean for integer": (instead(b'"m":0', b'"m":false'), ":2: init has 'm' = False; int was expected"),
    "missing field": (instead(b'"sizeclass":22,', b""), ":3: alloc_m_begin lacks the field 'sizeclass'"),
    "missing counter": (instead(b'"heap_sys":0,', b""), ":2: st lacks the field 'heap_sys'"),
    "unknown field": (instead(b'"m":0', b'"m":0,"x":1'), ":2: init has a field 'x'"),
    "unknown event": (instead(b'"ev":"init"', b'"ev":"inti"'), ":2: an event of the format was expected"),
    "event not a string": (instead(b'"ev":"init"', b'"ev":{}'), ":2: an event of the format was expected"),
    "gap in seq": (instead(b'"seq":7', b'"seq":8'), ":9: seq is 8, 7 was expected"),
    "cut in a line": (TEXT[:-300], "the line is cut short"),
    "cut between lines": (TEXT[: TEXT.rindex(b"\n", 0, -1) + 1], ":883: the log ends after 882 events"),
    "too many events": (TEXT + TEXT.splitlines(keepends=True)[-1].replace(b'"seq":882', b'"seq":883'), "promises 883"),
    "only a header": (TEXT[:HEADER_END], ":1: the log ends after 0 events"),
    "endless line": (b"a" * 3_000_000, ":1: the line is longer"),
    "not UTF-8": (instead(b'"off"', b'"\xff"'), ":2: not UTF-8"),
    "truncated gzip": (PACKED[:-30], "the gzip stream is cut short"),
    "corrupt gzip": (PACKED[:2000] + b"????????" + PACKED[2008:], ": "),
    "gzip of nothing": (gzip.compress(b""), ":1: the file is empty"),
    "gzip magic only": (b"\x1f\x8b", ": "),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_log_is_refused_with_line_and_reason(case: str, tmp_path: Path) -> None:
    content, reason = CASES[case]
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:")
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="No such file"):
        read(tmp_path / "missing")
    with pytest.raises(UnreadableInput, match="directory"):
        read(tmp_path)
