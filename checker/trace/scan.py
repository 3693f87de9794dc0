"""Reading a JSON text piece by piece, so that no more than one piece of it is ever held as objects.

JSON grows about fortyfold when it is parsed. A text is therefore walked: its outermost objects and lists by hand, each
value in them parsed on its own and no longer than `MAX_PIECE`. That also gives every value its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from checker.errors import UnreadableInput
from checker.trace.shape import Odd, short

MAX_PIECE = 1 << 22
"""Characters of one piece: the head of a trace, or one state with the step that leads to it."""

MAX_DIGITS = 640
"""Digits of a number. Python converts this many under every setting of its own limit."""

_FIRST = 1024
"""Characters that are tried first."""
_NEAR = 16
"""How far before the end of a piece the parser may see that it is cut, unless it is within a string."""
_OPEN = "Unterminated string"
_SPACE = re.compile(r"[ \t\n\r]*")
_REST = re.compile(r"[-\w]{0,8}[ \t\n\r]*\Z")
"""What is left of a file that is cut within a word such as null."""
_DIGITS = re.compile(r"-?[0-9]+")


class Text:
    """A JSON text and the place that has been reached in it.

    Parameters
    ----------
    path : Path
        Of its file, for messages.
    text : str

    Attributes
    ----------
    at : int
        What has been read are the characters before this one.
    """

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._guess = _FIRST
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=_constant
        )
        self.at = 0

    def refuse(self, reason: str, at: int | None = None) -> NoReturn:
        """Raise the error that names file, line and reason; ``at`` is the place if not the one reached."""
        line = self._text.count("\n", 0, self.at if at is None else at) + 1
        raise UnreadableInput(f"{self._path}:{line}: {reason}")

    def members(self) -> Iterator[str]:
        """The keys of an object, each when its value is what comes next; the caller reads that."""
        self._expect("{", "an object")
        known: set[str] = set()
        if self._take("}"):
            return
        while True:
            self._space()
            begins = self.at
            key = self.value()
            if not isinstance(key, str):
                self.refuse(f"a key in quotes was expected, not {short(key)}", begins)
            if key in known:
                self.refuse(f"the key {short(key)} occurs twice", begins)
            known.add(key)
            self._expect(":", "':' behind the key")
            self._space()
            yield key
            if self._take("}"):
                return
            self._expect(",", "',' or '}'")

    def elements(self) -> Iterator[int]:
        """The indices of a list, each when its element is what comes next; the caller reads that."""
        self._expect("[", "a list")
        index = 0
        if self._take("]"):
            return
        while True:
            self._space()
            yield index
            index += 1
            if self._take("]"):
                return
            self._expect(",", "',' or ']'")

    def value(self) -> object:
        """The value that comes next, parsed.

        Integers are int, also where they are ``{"#bigint": "n"}``; ``{"#map": ...}`` with texts as keys is a dict. What the
        format has no use for is an `Odd` value, so that it is refused with its place.
        """
        self._space()
        size = self._guess
        while True:
            piece = self._text[self.at : self.at + size]
            whole = len(piece) < size
            try:
                value, end = self._decoder.raw_decode(piece)
            except json.JSONDecodeError as e:
                if whole or (size >= MAX_PIECE and e.pos < size - _NEAR and not e.msg.startswith(_OPEN)):
                    self._not_json(e.msg, self.at + e.pos)
            except RecursionError:
                self.refuse("nested too deeply; a trace's values are nested a few levels deep")
            else:
                # What ends with the piece may be cut there: 12 out of 123.
                if whole or end < len(piece):
                    self.at += end
                    self._guess = min(max(_FIRST, 2 * end), MAX_PIECE)
                    return value
            if size >= MAX_PIECE:
                self.refuse(f"not JSON, or longer than the {MAX_PIECE:,} characters that a state or a trace's head may have")
            size = min(4 * size, MAX_PIECE)

    def end(self) -> None:
        """See to it that nothing comes next."""
        self._space()
        if self.at < len(self._text):
            self.refuse(f"the end of the file was expected, not {short(self._text[self.at : self.at + 10])}")

    def _space(self) -> None:
        match = _SPACE.match(self._text, self.at)
        assert match is not None
        self.at = match.end()

    def _take(self, mark: str) -> bool:
        self._space()
        found = self._text.startswith(mark, self.at)
        self.at += found
        return found

    def _expect(self, mark: str, words: str) -> None:
        if not self._take(mark):
            self._not_json(f"{words} was expected", self.at)

    def _not_json(self, reason: str, at: int) -> NoReturn:
        line_begins = self._text.rfind("\n", 0, at) + 1
        cut = "; the file ends too early" if _REST.match(self._text, at) or reason.startswith(_OPEN) else ""
        self.refuse(f"not JSON of this format: {reason} at column {at - line_begins + 1}{cut}", at)


def _object(pairs: list[tuple[str, object]]) -> object:
    """An object, or the integer or map that it stands for."""
    if len(pairs) == 1 and pairs[0][0] == "#bigint":
        digits = pairs[0][1]
        if isinstance(digits, str) and _DIGITS.fullmatch(digits):
            return _whole(digits)
        return digits if isinstance(digits, Odd) else Odd(f"#bigint is {short(digits)}; a whole number in quotes was expected")
    if len(pairs) == 1 and pairs[0][0] == "#map":
        return _map(pairs[0][1])
    out = dict(pairs)
    if len(out) < len(pairs):
        return _twice([key for key, _ in pairs])
    return out


def _map(entries: object) -> object:
    if isinstance(entries, Odd):
        return entries
    pairs: list[tuple[str, object]] = []
    for entry in entries if isinstance(entries, list) else [None]:
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str):
            return Odd("#map is no list of pairs of a text and a value")
        pairs.append((entry[0], entry[1]))
    out = dict(pairs)
    return _twice([key for key, _ in pairs]) if len(out) < len(pairs) else out


def _twice(keys: list[str]) -> Odd:
    known: set[str] = set()
    for key in keys:
        if key in known:
            return Odd(f"the key {short(key)} occurs twice")
        known.add(key)
    raise AssertionError(keys)


def _whole(digits: str) -> object:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        return Odd(f"a number of {len(digits):,} digits; at most {MAX_DIGITS} were expected")
    return int(digits)


def _fraction(digits: str) -> Odd:
    return Odd(f"{short(digits)[1:-1]} was found where a whole number was expected; the format has no others")


def _constant(name: str) -> Odd:
    return Odd(f"{name} was found; the format has whole numbers only")
