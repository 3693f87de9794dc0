"""What validation says of a log: matched to the end, or the first event that the spec refuses and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from checker.validate.log import Event, short


class Absent:
    """Stands for a field that an event does not have."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


class Mismatch(Exception):
    """An event differs from what the spec allows.

    Parameters
    ----------
    index : int
        Of the event; -1 is the header, one past the last is the end of the log.
    field : str
    expected, seen
        Values as in the log, or words where the spec allows several.
    """

    def __init__(self, index: int, field: str, expected: object, seen: object) -> None:
        super().__init__(index, field, expected, seen)
        self.index = index
        self.field = field
        self.expected = expected
        self.seen = seen


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """The verdict about one log.

    Attributes
    ----------
    path : str
    verdict : str
        ``ok`` or ``refused``.
    matched : int
        Events before the first refused one; all of them if none is.
    events : int
    first_refused : dict or None
        ``seq`` (null for the header), ``event``, ``field``, ``expected``, ``seen``.
    context : tuple of dict
        The last events before it.
    """

    path: str
    verdict: str
    matched: int
    events: int
    first_refused: dict[str, Any] | None = None
    context: tuple[Event, ...] = ()


def refusal(path: str, events: list[Event], mismatch: Mismatch, context: int = 6) -> LogVerdict:
    """The verdict that a mismatch amounts to."""
    i = mismatch.index
    at_end = i >= len(events)
    first = {
        "seq": None if i < 0 else i,
        "event": "header" if i < 0 else "end of log" if at_end else events[i]["ev"],
        "field": mismatch.field,
        "expected": _plain(mismatch.expected),
        "seen": _plain(mismatch.seen),
    }
    before = tuple(events[max(0, i - context) : max(i, 0)])
    return LogVerdict(path, "refused", max(i, 0), len(events), first, before)


def render(verdict: LogVerdict) -> str:
    """The verdict as text.

    Parameters
    ----------
    verdict : LogVerdict

    Returns
    -------
    str
        Without a final newline.
    """
    head = f"{verdict.path}: {verdict.matched} of {verdict.events} events matched"
    bad = verdict.first_refused
    if bad is None:
        return head
    place = bad["event"] if bad["seq"] is None else f"event {bad['seq']} ({bad['event']})"
    lines = [head, f"  refused: {place}, field {bad['field']}: expected {_text(bad['expected'])}, seen {_text(bad['seen'])}"]
    if verdict.context:
        lines.append("  before it:")
        lines += [f"    {_line(e)}" for e in verdict.context]
    return "\n".join(lines)


def _line(event: Event) -> str:
    skip = {"seq", "ev", "m", "ts", "st"}
    rest = " ".join(f"{k}={_text(v)}" for k, v in event.items() if k not in skip)
    return f"{event['seq']:>6} m{event['m']} {event['ev']} {rest}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else short(value) if not isinstance(value, bool) else json.dumps(value)


def _plain(value: object) -> Any:
    return repr(value) if isinstance(value, Absent) else value
