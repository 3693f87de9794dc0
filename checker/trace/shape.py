"""What JSON values must look like, and how a misshapen one is reported with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_LONGEST = 60
"""Characters of a value that a message shows."""


class Misshapen(Exception):
    """A value is not of the expected shape.

    Parameters
    ----------
    reason : str
        What was seen and what was expected.

    Attributes
    ----------
    place : str
        Where in the value, such as ``calls[2].args[0]``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason, self.place = reason, ""

    def within(self, key: str | int) -> Misshapen:
        """The same, as it is seen from the value that holds the misshapen one under a key or an index."""
        if isinstance(key, str):
            self.place = (key if len(key) <= _LONGEST and key.isprintable() else short(key)) + self._inner()
        else:
            self.place = f"[{key}]" + self._inner()
        return self

    def _inner(self) -> str:
        return self.place if not self.place or self.place.startswith("[") else "." + self.place


@contextmanager
def within(key: str | int) -> Iterator[None]:
    """What is misshapen in here lies under a key or an index."""
    try:
        yield
    except Misshapen as e:
        raise e.within(key) from None


@dataclass(frozen=True, slots=True)
class Odd:
    """Stands for a piece of JSON that no shape accepts, and says why."""

    reason: str


def look(value: object) -> None:
    """See to it that a value is no `Odd` one.

    Raises
    ------
    Misshapen
        It is.
    """
    if isinstance(value, Odd):
        raise Misshapen(value.reason)


def short(value: object) -> str:
    """A value in a few words, whatever it is."""
    if isinstance(value, Odd):
        return f"something else: {value.reason}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST else repr(value[:_LONGEST]) + "..."
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    digits = str(value)
    return digits if len(digits) <= _LONGEST else digits[:_LONGEST] + "..."


def text(value: object) -> str:
    """A value that must be a text which every report can write.

    Raises
    ------
    Misshapen
        It is something else, or has a lone surrogate.
    """
    look(value)
    if not isinstance(value, str):
        raise Misshapen(f"a text was expected, not {short(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as e:
            raise Misshapen(f"the text has half a character, \\u{ord(value[e.start]):x}, which no file can hold") from None
    return value


def members(value: object, names: Iterable[str]) -> dict[str, object]:
    """A value that must be an object with just these keys.

    Raises
    ------
    Misshapen
    """
    look(value)
    if not isinstance(value, dict):
        raise Misshapen(f"an object was expected, not {short(value)}")
    known = set()
    for name in names:
        known.add(name)
        if name not in value:
            raise Misshapen(f"the key {short(name)} is missing")
    for name in value:
        if name not in known:
            raise Misshapen(f"there is no key {short(name)} in this format")
    return value


def listed(value: object, length: int | None = None) -> list[object]:
    """A value that must be a list, of this length if one is given.

    Raises
    ------
    Misshapen
    """
    look(value)
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Misshapen(f"a list{'' if length is None else f' of {length}'} was expected, not {short(value)}")
    return value


def items(value: object, one: Callable[[object], Any], length: int | None = None) -> tuple[Any, ...]:
    """A value that must be a list: each of its items read with ``one``.

    Raises
    ------
    Misshapen
    """
    out = []
    for i, item in enumerate(listed(value, length)):
        try:
            out.append(one(item))
        except Misshapen as e:
            raise e.within(i) from None
    return tuple(out)
