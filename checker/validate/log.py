"""Reading a log, plain or gzipped, and refusing whatever is not one, with line and reason."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from checker.errors import UnreadableInput
from checker.validate.format import COUNTERS, HEADER, Fields, fields, tables

Event = dict[str, Any]

_GZIP = b"\x1f\x8b"
_LONGEST = 1 << 20
"""A line of the format has a few hundred bytes; this bounds what a file that is no log can make us hold."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log in memory.

    Attributes
    ----------
    path : str
    header : dict
    events : list of dict
        In order of ``seq``, which is the index; types and required fields are checked.
    """

    path: str
    header: Event
    events: list[Event]


class _Shape:
    """Checks events against the tables, each combination of names and types once."""

    def __init__(self) -> None:
        self.tables = tables()
        self.counters = fields(" ".join(f"{name}:i" for name in COUNTERS))
        self.known: set[tuple[Any, ...]] = set()

    def check(self, event: Event) -> str:
        """What is wrong with the event, or an empty string."""
        signature = (event.get("ev"), *event, *map(type, event.values()))
        try:
            fresh = signature not in self.known
        except TypeError:
            fresh = True
        if fresh:
            reason = self._slow(event)
            if reason:
                return reason
            self.known.add(signature)
        st = event.get("st")
        if st is not None:
            signature = (*st, *map(type, st.values()))
            if signature not in self.known:
                reason = misshapen(st, self.counters, "st")
                if reason:
                    return reason
                self.known.add(signature)
        return ""

    def _slow(self, event: Event) -> str:
        ev = event.get("ev")
        if not isinstance(ev, str) or ev not in self.tables:
            return f"an event of the format was expected in 'ev', not {short(ev)}"
        return misshapen(event, self.tables[ev], ev)


def misshapen(seen: Event, table: Fields, what: str, *, more: bool = False) -> str:
    """What is wrong with the names and types of an object's fields; ``more`` allows fields that the table lacks."""
    for name, (types, optional) in table.items():
        if name not in seen:
            if not optional:
                return f"{what} lacks the field {name!r}"
        elif type(seen[name]) not in types:
            names = " or ".join("null" if t is type(None) else t.__name__ for t in types)
            return f"{what} has {name!r} = {short(seen[name])}; {names} was expected"
    for name in seen:
        if name not in table and not more:
            return f"{what} has a field {short(name)} that the format does not know"
    return ""


def short(value: object) -> str:
    """The value as Python writes it, cut to a readable length."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__} too large to print"
    return text if len(text) <= 60 else text[:57] + "..."


def read(path: Path) -> Log:
    """Read and check a log.

    Parameters
    ----------
    path : Path
        JSON Lines, plain or gzipped: a header, then one event a line.

    Raises
    ------
    UnreadableInput
        The file cannot be opened or is no complete log of the format: ``path:line: reason``.
    """
    shape = _Shape()
    header: Event | None = None
    events: list[Event] = []
    number = 0
    for number, line in _lines(path):
        record = _parse(path, number, line)
        if header is None:
            header = record
            reason = misshapen(header, fields(HEADER), "the header", more=True)
            if not reason and header["ev"] != "header":
                reason = f"the first line must be the header, with 'ev' = 'header', not {short(header['ev'])}"
        else:
            reason = shape.check(record)
            if not reason and record["seq"] != number - 2:
                reason = f"seq is {short(record['seq'])}, {number - 2} was expected; events are numbered 0, 1, ... with no gaps"
            events.append(record)
        if reason:
            _refuse(path, number, reason)
    if header is None:
        _refuse(path, 1, "the file is empty; a header line was expected")
    if header["events"] != len(events):
        _refuse(path, number, f"the log ends after {len(events)} events, but its header promises {short(header['events'])}")
    return Log(str(path), header, events)


def _refuse(path: Path, line: int, reason: str) -> NoReturn:
    raise UnreadableInput(f"{path}:{line}: {reason}")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of the file, unpacked, numbered from 1."""
    number = 0
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            with gzip.open(raw) if packed else raw as file:
                while line := file.readline(_LONGEST):
                    number += 1
                    if len(line) == _LONGEST:
                        _refuse(path, number, f"the line is longer than {_LONGEST} bytes; an event of the format is not")
                    yield number, line
    except EOFError:
        _refuse(path, number + 1, "the gzip stream is cut short")
    except (OSError, ValueError, zlib.error) as e:
        _refuse(path, number + 1, f"cannot be read: {e.strerror if isinstance(e, OSError) and e.strerror else e}")


def _parse(path: Path, number: int, line: bytes) -> Event:
    try:
        record = _DECODER.decode(line.decode())
    except UnicodeDecodeError as e:
        _refuse(path, number, f"not UTF-8: {e.reason} at byte {e.start}")
    except RecursionError:
        _refuse(path, number, "nested too deeply; an event is a flat JSON object")
    except json.JSONDecodeError as e:
        cut = "" if line.endswith(b"\n") else "; the line is cut short"
        _refuse(path, number, f"not JSON: {e.msg} at column {e.colno}{cut}")
    except ValueError as e:
        _refuse(path, number, f"not JSON of this format: {e}")
    if type(record) is not dict:
        _refuse(path, number, f"a JSON object was expected, not {short(record)}")
    event: Event = record
    return event


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of the format")


_DECODER = json.JSONDecoder(parse_constant=_constant)
