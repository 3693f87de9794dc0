"""Files that are no trace: refused with file, line, place and reason, never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itf_damage import KINDS, SHAPES, instead, text

from checker.errors import UnreadableInput
from checker.trace.itf import itf
from checker.trace.read import read
from checker.trace.scan import MAX_PIECE


def refused(path: Path, content: bytes | str) -> str:
    """What is said of a file; its place is checked here."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    with pytest.raises(UnreadableInput) as caught:
        read(path)
    said = str(caught.value)
    assert caught.value.exit_code == 150
    assert said.startswith(f"{path}:")
    assert len(said) < 700
    assert said.isprintable()
    return said.removeprefix(str(path))


def line_of(piece: str) -> int:
    """The line of a piece of the file."""
    return text()[: text().index(piece)].count("\n") + 1


NOT_JSON = {
    "empty": ("", ":1: not JSON of this format: an object was expected at column 1; the file ends too early"),
    "blank": ("\n \n", ":3: not JSON of this format: an object was expected at column 1; the file ends too early"),
    "text": ("seven steps\n", ":1: not JSON of this format: an object was expected at column 1"),
    "binary": (bytes(range(256)) * 40, ":2: not UTF-8 at byte 128"),
    "zeros": (b"\0" * 4000, ":1: not JSON of this format: an object was expected at column 1"),
    "list": ("[]", ":1: not JSON of this format: an object was expected at column 1"),
    "byte order mark": ("\ufeff" + text(), ":1: not JSON of this format: an object was expected"),
    "UTF-16": (text().encode("utf-16"), ":1: not UTF-8 at byte 0"),
    "half a character, as bytes": (instead("quick", "\ud800"), ": not UTF-8 at byte"),
    "not UTF-8": (text().replace("quick", "\xff", 1).encode("latin-1"), ":4: not UTF-8 at byte"),
    "NUL within a text": (instead("quick", "qu\0ick"), ":4: not JSON of this format: Invalid control character"),
    "something behind it": (text() + "{}", "the end of the file was expected, not '{}'"),
    "two traces": (text() + text(), "the end of the file was expected"),
    "no quotes": ('{"#meta": {}, vars: []}', ":1: "),
    "number as key": ('{"#meta": 1, 7: 2}', ":1: #meta: "),
    "one key a number": ("{1: 2}", ":1: a key in quotes was expected, not 1"),
    "no colon": ('{"#meta" 1}', ":1: not JSON of this format: ':' behind the key was expected at column 10"),
    "no comma": (instead(' "vars"', ' , "vars"'), "not JSON of this format"),
    "nested lists": ('{"#meta": ' + "[" * 200_000, ":1: nested too deeply"),
    "nested objects": ('{"#meta": ' + '{"a":' * 200_000, ":1: nested too deeply"),
    "nested in a state": (instead('"lock":"free"', '"lock":' + "[" * 5000 + "]" * 5000), "nested too deeply"),
    "an endless text": ('{"#meta": "' + "a" * (MAX_PIECE + 9), ":1: not JSON, or longer than the 4,194,304 characters"),
    "an endless list": ('{"#meta": [' + "0," * MAX_PIECE, ":1: not JSON, or longer than the 4,194,304 characters"),
    "an endless number": ('{"#meta": ' + "9" * (2 * MAX_PIECE), ":1: not JSON, or longer than the 4,194,304 characters"),
    "a million digits": ('{"#meta": ' + "9" * 1_000_000 + "}", ":1: #meta: a number of 1,000,000 digits"),
}


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_not_json_is_refused(case: str, tmp_path: Path) -> None:
    content, reason = NOT_JSON[case]
    assert reason in refused(tmp_path / "trace.json", content)


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = text().rstrip()
    for size in range(1, len(whole), 199):
        assert refused(tmp_path / "trace.json", whole[:size]).endswith("; the file ends too early"), size


@pytest.mark.parametrize("case", SHAPES)
def test_what_is_no_trace_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    change, reason = SHAPES[case]
    doc = json.loads(text())
    change(doc)
    said = refused(tmp_path / "trace.json", json.dumps(doc))
    assert reason in said
    assert said.startswith(":1: ")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"exit": 12,', '"exit": 12,\n"exit": 12,', ":2: #meta: the key 'exit' occurs twice"),
        ('"action":"alloc"', '"action":"alloc","action":"alloc"', "states[1].#meta: the key 'action' occurs twice"),
        (',"lock":"free"', ',"lock":"free","lock":"free"', "states[0]: the key 'lock' occurs twice"),
        (' "vars"', ' "vars": [],\n "vars"', "vars: these are not"),
        (' "states"', ' "vars": 1, "states"', "the key 'vars' occurs twice"),
    ],
)
def test_a_key_that_occurs_twice_is_refused(old: str, new: str, reason: str, tmp_path: Path) -> None:
    assert reason in refused(tmp_path / "trace.json", instead(old, new))


def test_the_line_is_that_of_the_state(tmp_path: Path) -> None:
    for index in range(1, 5):
        seen = f'"index":{index},'
        said = refused(tmp_path / "trace.json", instead(seen, '"index":77,'))
        assert said.startswith(f":{line_of(seen)}: states[{index}].#meta.index: 77 was found, {index} was expected")
    said = refused(tmp_path / "trace.json", instead('"property": "P10"', '"property": P10'))
    line = line_of('"property"')
    assert said.startswith(f":{line}: not JSON of this format: Expecting value at column 15")


def test_a_loop_that_does_not_close_is_refused(tmp_path: Path) -> None:
    read_back = tmp_path / "trace.json"
    read_back.write_text(text("neglect"))
    assert read(read_back).loop == 0
    said = refused(read_back, instead('"loop": 0', '"loop": 1', "neglect"))
    assert "loop: " in said
    assert "the steps do not lead back" in said


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A trace with some bytes changed, taken out or put in."""
    out = bytearray(text(draw(st.sampled_from(KINDS))).encode())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(out) - 1))
        out[at : at + draw(st.integers(0, 3))] = draw(st.one_of(st.binary(max_size=3), st.sampled_from(PIECES)))
    return bytes(out)


PIECES = [piece.encode() for piece in (*'"{}[],:\\1-', "null", "{}", "[]", "NaN", "1e9", '"#bigint"', r"\ud800")]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS | st.integers().map(lambda n: {"#bigint": str(n)}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.just("#map"), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """A trace in which one value is another one: a random one, or one that stands elsewhere in it."""
    doc = json.loads(text(draw(st.sampled_from(KINDS))))
    places = list(all_places(doc))
    holder, key = draw(st.sampled_from(places))
    other, where = draw(st.sampled_from(places))
    if draw(st.booleans()):
        holder[key] = draw(VALUES)
    elif draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = json.loads(json.dumps(other[where]))
    return json.dumps(doc).encode()


def all_places(node: Any) -> Any:
    for key, inner in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(inner, (dict, list)):
            yield from all_places(inner)


@settings(max_examples=150, deadline=None)
@given(st.one_of(damaged(), rearranged()))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("trace") / "trace.json"
    path.write_bytes(content)
    try:
        trace = read(path)
    except UnreadableInput:
        return
    path.write_text(itf(trace))
    assert repr(read(path).steps) == repr(trace.steps)
