"""How a native function can stop early: each way and place has a number, its status; status 0 is a normal return."""

from __future__ import annotations

from dataclasses import dataclass

THROW = "throw"
NULL = "null"
INDEX = "index"
RANGE = "range"
ENDLESS = "endless"
DIVISION = "division"
SHIFT = "shift"
OVERFLOW = "overflow"
RELEASE = "release"

_SENTENCES = {
    THROW: "{text}",
    NULL: "{place}: a field of None is used; test 'is not None' first",
    INDEX: "{place}: index {detail} is outside 0..{text}",
    RANGE: "{place}: {text} = {detail} is outside its declared range",
    ENDLESS: "{place}: a loop went round {text} times in one step; is a list corrupted?",
    DIVISION: "{place}: division by zero",
    SHIFT: "{place}: a shift by {detail}; the distance must not be negative",
    RELEASE: "{place}: the lock is released by a thread that does not hold it",
    OVERFLOW: "{place}: an intermediate value does not fit 64 bits; use the reference engine (--engine python)",
}


@dataclass(frozen=True, slots=True)
class Exit:
    """One way to stop early.

    Attributes
    ----------
    kind : str
        `THROW`, or an error of the run: `NULL`, `INDEX`, `RANGE`, `ENDLESS`, `DIVISION`, `SHIFT`, `RELEASE`; or `OVERFLOW`, the
        limit of native code itself.
    place : str
        ``file:line``.
    text : str
        The message of a Throw, or what the sentence of the kind needs.
    """

    kind: str
    place: str
    text: str

    def sentence(self, detail: int) -> str:
        """What to tell the user, in the words of the lowered Python; ``detail`` is the value that did not fit."""
        return _SENTENCES[self.kind].format(place=self.place, text=self.text, detail=detail)


class Exits:
    """The exits of a module; `number` gives an exit its status, from 1."""

    def __init__(self) -> None:
        self.table: list[Exit] = []
        self._numbers: dict[Exit, int] = {}

    def number(self, kind: str, place: str, text: str = "") -> int:
        """The status of an exit, the same each time it is asked for."""
        found = Exit(kind, place, text)
        if found not in self._numbers:
            self.table.append(found)
            self._numbers[found] = len(self.table)
        return self._numbers[found]
