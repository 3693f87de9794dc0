"""Reading the scopes of a profile from the configuration; what is wrong is said with its file and key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from checker.errors import ConfigurationError
from checker.load import Spec
from checker.verify.profile import Entry

_NAME = 120
"""Characters of a name."""


def entries_of(spec: Spec, place: str, tables: Any) -> tuple[Entry, ...]:
    """The scopes of one profile.

    Raises
    ------
    ConfigurationError
        With the place, what was seen and what was expected.
    """
    if not isinstance(tables, list) or not tables:
        _refuse(place, tables, f"a table for each scope, as in [[{place.rpartition(': ')[2]}]], was expected")
    return tuple(_entry(spec, f"{place}[{i}]", t) for i, t in enumerate(tables))


def _entry(spec: Spec, place: str, table: Any) -> Entry:
    if not isinstance(table, dict):
        _refuse(place, table, "a table was expected")
    for key in table:
        if key not in _READ:
            raise ConfigurationError(f"{place}: unknown key {key!r}; known: {', '.join(_READ)}")
    if "scenario" not in table:
        raise ConfigurationError(f"{place}: the key 'scenario' is missing; this spec has: {', '.join(spec.scenarios)}")
    read = {key: _READ[key](f"{place}.{key}", value) for key, value in table.items()}
    if "set" in read:
        read["settings"] = read.pop("set")
    entry = Entry(**read)
    _check(spec, place, entry)
    return entry


def _check(spec: Spec, place: str, entry: Entry) -> None:
    """See to it that the spec has what the scope names."""
    if entry.scenario not in spec.scenarios:
        known = ", ".join(spec.scenarios) or "none"
        raise ConfigurationError(f"{place}.scenario: no scenario {entry.scenario!r}; this spec has: {known}")
    threads = [t.function.__name__ for t in spec.scenarios[entry.scenario].threads]
    for name in entry.without:
        if name not in threads:
            raise ConfigurationError(f"{place}.without: no thread {name!r} in {entry.scenario}; it has: {', '.join(threads)}")
    ids = {p.id for p in spec.properties} | {"P6", "P26"}
    for name in entry.properties:
        if name not in ids and name not in {p.name for p in spec.properties}:
            known = ", ".join(sorted(ids, key=lambda i: (len(i), i)))
            raise ConfigurationError(f"{place}.properties: no property {name!r}; this spec has: {known}")
    declared = spec.parameters.declared()
    for name, _ in entry.settings:
        if name not in declared:
            raise ConfigurationError(f"{place}.set: unknown parameter {name!r}; this spec has: {', '.join(declared)}")


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isprintable() or len(value) > _NAME:
        _refuse(place, value, f"a printable text of 1 to {_NAME} characters was expected")
    return value


def _atomicity(place: str, value: Any) -> str:
    if value not in ("lock", "fine"):
        _refuse(place, value, "lock or fine was expected")
    return str(value)


def _count(place: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _refuse(place, value, "a number of 0 or more was expected")
    return value


def _truth(place: str, value: Any) -> bool:
    if not isinstance(value, bool):
        _refuse(place, value, "true or false was expected")
    return value


def _names(place: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        _refuse(place, value, "a list of names was expected")
    return tuple(dict.fromkeys(value))


def _settings(place: str, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(isinstance(v, (int, str)) for v in value.values()):
        _refuse(place, value, "a table of parameters with integers or words as values was expected")
    return tuple((k, v if isinstance(v, str) else str(int(v))) for k, v in value.items())


def _refuse(place: str, value: Any, expected: str) -> NoReturn:
    seen = repr(value)
    raise ConfigurationError(f"{place}: {seen if len(seen) <= 60 else seen[:59] + '…'} was found; {expected}")


_READ: dict[str, Callable[[str, Any], Any]] = {
    "scenario": _text,
    "name": _text,
    "set": _settings,
    "atomicity": _atomicity,
    "depth": _count,
    "max_states": _count,
    "properties": _names,
    "without": _names,
    "liveness": _truth,
}
